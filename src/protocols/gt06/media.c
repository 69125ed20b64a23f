/*
 * media.c - photos and sounds that come in pieces.
 *
 *     35  X1 photo: time 6, fix 1, latitude 4, longitude 4, camera 1, source 1, format 1,
 *         size 4, id 4; its pieces are asked for with 36: id 4, offset 4, size 2
 *     36  long frame, a piece: id 4, offset 4, size 2, bytes
 *     41  WD-209: serial 8, unix time 4, GPS 14, cell 8, id 4, size 4, type 1 (0 photo),
 *         format 1 (0 jpeg), event 1, packet 2, bytes; answered with a long frame
 *     8D  recording: type 1, size 4, check kind 1 (0 CRC-16, 1 MD5), check 2 or 16,
 *         offset 4, size 2, bytes, flag to the end; not confirmed, so it counts only
 *         where all sizes add up
 *
 * The hemispheres of the place in 35 are not documented; it is not used.
 */
#include "protocols/gt06/gt06.h"

enum {
    GT06_PIECE = 1024,
    GT06_PHOTO_MAX = 1 << 20,
    GT06_CLIP_MAX = 16 << 20,
    GT06_RECORDING_FLAG_MAX = 6,
    GT06_PHOTO_REQUEST = 0x36,
};

static void gt06_photo_ask(struct gt06 *f)
{
    const struct gt06_file *photo = &f->state->photo;
    uint8_t ask[10];
    if (photo->received >= photo->total)
        return;
    for (unsigned i = 0; i < 4; i++) {
        ask[i] = (uint8_t)(photo->id >> (24 - 8 * i));
        ask[4 + i] = (uint8_t)(photo->received >> (24 - 8 * i));
    }
    ask[8] = GT06_PIECE >> 8;
    ask[9] = GT06_PIECE & 0xff;
    gt06_reply(f, false, GT06_PHOTO_REQUEST, 0, (struct span){ask, sizeof ask});
}

void gt06_photo_info(struct gt06 *f)
{
    struct reader *r = f->r;
    out_message(f->o, "photo");
    gt06_time_ms(f, "time");
    rd_u8(r, "fix_status");
    gt06_angle(f->r, "latitude_min_x30000", GT06_LATITUDE_MAX);
    gt06_angle(f->r, "longitude_min_x30000", GT06_LONGITUDE_MAX);
    rd_u8(r, "camera");
    rd_u8(r, "photo_source");
    rd_u8(r, "photo_format");
    struct gt06_file photo = {.total = rd_u32(r, "photo_size")};
    photo.id = rd_u32(r, "photo_id");
    gt06_rest(f, "extension");
    if (photo.total > GT06_PHOTO_MAX)
        rd_bad(r, "photo_size");
    f->state->photo = photo;
    gt06_photo_ask(f);
}

void gt06_photo_piece(struct gt06 *f)
{
    struct reader *r = f->r;
    struct gt06_file *photo = &f->state->photo;
    out_message(f->o, "photo");
    uint32_t id = rd_u32(r, "photo_id");
    uint32_t offset = rd_u32(r, "offset");
    struct span piece = rd_raw(r, rd_u16(r, "piece_size"), "piece");
    gt06_rest(f, "extension");
    if (id != photo->id || !photo->total)
        return;
    if (offset == photo->received && piece.len <= photo->total - photo->received) {
        out_media(f->o, "jpg", id, offset, photo->total, piece);
        photo->received += (uint32_t)piece.len;
    }
    if (piece.len)
        gt06_photo_ask(f);
}

/* Packets come in order; one that was sent again is only answered again. */
static void gt06_clip_take(struct gt06 *f, struct gt06_file head, const char *type,
                           struct span piece)
{
    struct gt06_file *clip = &f->state->clip;
    if (!head.packet)
        *clip = head;
    if (head.id != clip->id || head.packet != clip->packet ||
        piece.len > clip->total - clip->received)
        return;
    out_media(f->o, type, clip->id, clip->received, clip->total, piece);
    clip->received += (uint32_t)piece.len;
    clip->packet++;
}

void gt06_multimedia(struct gt06 *f)
{
    struct reader *r = f->r;
    struct gt06_file head = {0};
    out_message(f->o, "media");
    rd_raw(r, 8, "serial_number");
    rd_unix_ms(r, "time");
    rd_raw(r, 14, "gps");
    rd_raw(r, 8, "cell");
    head.id = rd_u32(r, "media_id");
    head.total = rd_u32(r, "media_size");
    uint8_t type = rd_u8(r, "media_type");
    rd_means(r, type ? "not a photo" : "photo");
    uint8_t format = rd_u8(r, "media_format");
    rd_u8(r, "event");
    head.packet = rd_u16(r, "packet");
    if (head.total > GT06_CLIP_MAX)
        rd_bad(r, "media_size");
    struct span piece = rd_raw(r, rd_left(r), "piece");
    if (!r->fault)
        gt06_clip_take(f, head, type || format ? "bin" : "jpg", piece);
    gt06_ack_wide(f);
}

/* The flag tells recordings apart. */
static uint64_t gt06_recording_name(struct span flag)
{
    uint64_t name = 0;
    for (size_t i = 0; i < flag.len; i++)
        name = name << 8 | flag.ptr[i];
    return name;
}

void gt06_recording(struct gt06 *f)
{
    static const uint8_t taken[1];
    struct reader *r = f->r;
    out_message(f->o, "recording");
    rd_u8(r, "file_type");
    uint32_t total = rd_u32(r, "file_size");
    uint8_t kind = rd_u8(r, "check_kind");
    rd_raw(r, kind == 1 ? 16 : 2, "check");
    uint32_t offset = rd_u32(r, "offset");
    struct span piece = rd_raw(r, rd_u16(r, "piece_size"), "piece");
    if (r->fault)
        return;
    struct span flag = rd_raw(r, rd_left(r), "flag");
    if (kind > 1 || !piece.len || flag.len > GT06_RECORDING_FLAG_MAX ||
        total > GT06_CLIP_MAX || offset > total || piece.len > total - offset)
        return;
    out_media(f->o, "amr", gt06_recording_name(flag), offset, total, piece);
    gt06_reply(f, true, f->number, f->serial, (struct span){taken, sizeof taken});
}
