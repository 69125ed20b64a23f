/*
 * How markers are drawn: one square a vehicle, its shape computed for each pixel.
 *
 * A place is two floats a coordinate, since one is only good to 2 m; `uCentre` is taken
 * off before they meet the matrix.  `aTimes` is start and end of the glide, when the
 * vehicle was last heard, and after how long it counts as silent, in seconds.  `aLook` is
 * state, glyph, course and flags.
 */
import { STATES } from '../model/state'

export const FLAG = { hidden: 1, selected: 2, hovered: 4, dimmed: 8, heading: 16 } as const

/* Vehicles are drawn in this order: the rest, alarms, what is selected or hovered. */
export const PASSES = 3

const state = (name: (typeof STATES)[number]) => `${STATES.indexOf(name)}`

const place = `
uniform mat4 uMatrix;
uniform vec4 uCentre; /* high x, high y, low x, low y */
uniform float uNow;
uniform vec2 uViewport;
uniform float uOffsets;
in vec4 aFrom;
in vec4 aTo;
in vec4 aTimes;
in vec4 aLook;
in vec2 aOffset;

vec4 placeNow() {
  float share = aTimes.y > aTimes.x ? clamp((uNow - aTimes.x) / (aTimes.y - aTimes.x), 0.0, 1.0) : 1.0;
  vec2 from = (aFrom.xy - uCentre.xy) + (aFrom.zw - uCentre.zw);
  vec2 to = (aTo.xy - uCentre.xy) + (aTo.zw - uCentre.zw);
  return uMatrix * vec4(mix(from, to, share), 0.0, 1.0);
}

vec4 shifted(vec4 clip, vec2 pixels) {
  return vec4(clip.xy + pixels * vec2(2.0, -2.0) / uViewport * clip.w, clip.zw);
}

bool has(float flags, float bit) { return mod(floor(flags / bit), 2.0) > 0.5; }
`

export const VERTEX = `#version 300 es
precision highp float;
${place}
uniform float uSize;
uniform float uPass;
uniform float uDetail;
in vec2 aCorner;
out vec2 vAt; /* pixels of a marker of full size, from its middle */
flat out vec4 vLook;
flat out float vFresh;
flat out float vScale;

void main() {
  bool front = has(aLook.w, ${FLAG.selected}.0) || has(aLook.w, ${FLAG.hovered}.0);
  float pass = front ? 2.0 : (abs(aLook.x - ${state('alarm')}.0) < 0.5 ? 1.0 : 0.0);
  if (has(aLook.w, ${FLAG.hidden}.0) || abs(pass - uPass) > 0.5) {
    gl_Position = vec4(2.0, 2.0, 2.0, 1.0);
    return;
  }
  float scale = front ? max(uSize * 1.12, 0.85) : pass > 0.5 ? max(uSize, 0.72) : uSize;
  float reach = pass > 0.5 ? 30.0 : (uDetail > 0.5 ? 24.0 : 16.5); /* no more pixels than are drawn */
  vAt = aCorner * reach;
  vLook = aLook;
  vScale = scale;
  vFresh = clamp(1.0 - (uNow - aTimes.z) / max(aTimes.w, 1.0), 0.0, 1.0);
  gl_Position = shifted(placeNow(), aOffset * uOffsets + aCorner * reach * scale);
}
`

export const FRAGMENT = `#version 300 es
precision highp float;
uniform vec3 uStates[${STATES.length}];
uniform vec3 uSurface;
uniform vec3 uAccent;
uniform sampler2D uGlyphs;
uniform float uGlyphCount;
uniform float uDetail; /* 1: room for ring and glyph */
uniform float uPulse;  /* 0 to 1, for alarms */
uniform float uRatio;  /* device pixels per pixel */
in vec2 vAt;
flat in vec4 vLook;
flat in float vFresh;
flat in float vScale;
out vec4 colour;

bool has(float flags, float bit) { return mod(floor(flags / bit), 2.0) > 0.5; }
float box(vec2 p, float half_, float round_) {
  vec2 d = abs(p) - (half_ - round_);
  return length(max(d, 0.0)) + min(max(d.x, d.y), 0.0) - round_;
}
/* An arrow head that points up. */
float arrow(vec2 p) {
  vec2 q = vec2(abs(p.x), p.y);
  return max(dot(q - vec2(0.0, -14.0), normalize(vec2(24.0, -9.5))), dot(q - vec2(0.0, 6.0), normalize(vec2(-5.0, 9.0)))) - 0.8;
}
/* Both in straight colours. */
vec4 over(vec4 below, vec3 shade, float a) {
  float sum = a + below.a * (1.0 - a);
  return vec4(mix(below.rgb, shade, sum > 0.0 ? a / sum : 0.0), sum);
}
/* The tip that a disc on the move has in front. */
float pointer(vec2 p) {
  vec2 q = vec2(abs(p.x), p.y);
  return max(dot(q - vec2(0.0, -22.0), normalize(vec2(12.0, -7.5))), p.y + 8.5);
}

void main() {
  float edge = 0.75 / (vScale * uRatio); /* half a device pixel, a little soft */
  int state = int(vLook.x + 0.5);
  vec3 tint = uStates[state];
  float turn = vLook.z;
  vec2 up = mat2(cos(turn), -sin(turn), sin(turn), cos(turn)) * vAt;
  float far = length(vAt);
  bool detail = uDetail > 0.5 || has(vLook.w, ${FLAG.selected}.0) || has(vLook.w, ${FLAG.hovered}.0);
  bool heading = has(vLook.w, ${FLAG.heading}.0);
  vec4 sum = vec4(0.0);
  #define OVER(shade, a) sum = over(sum, shade, a)
  #define FILL(d) (1.0 - smoothstep(-edge, edge, d))

  if (state == ${state('alarm')}) {
    float reach = mix(15.0, 27.0, uPulse);
    OVER(tint, FILL(far - reach) * mix(0.42, 0.08, uPulse));
  }
  if (has(vLook.w, ${FLAG.selected}.0)) OVER(uAccent, FILL(abs(far - 21.0) - 1.6));
  else if (has(vLook.w, ${FLAG.hovered}.0)) OVER(uAccent, FILL(abs(far - 21.0) - 1.2) * 0.6);

  /* The body, first a little larger in the colour of the ground. */
  float body;
  float hollow = 1e3; /* inside it the ground shows */
  bool glyph = detail;
  if (state == ${state('moving')} || (state == ${state('alarm')} && heading)) {
    body = !heading ? far - 11.5 : detail ? min(far - 11.5, pointer(up)) : arrow(up);
  } else if (state == ${state('idling')}) {
    body = far - 13.0;
    hollow = detail ? abs(far - 10.4) - 1.0 : abs(far - 8.2) - 2.2;
  } else if (state == ${state('stopped')}) {
    body = box(vAt, detail ? 10.5 : 9.5, 3.0);
  } else {
    body = far - (detail ? 11.5 : 11.0);
  }
  OVER(uSurface, FILL(body - 1.7) * 0.95);
  if (state == ${state('silent')} || state == ${state('unknown')}) {
    float around = atan(vAt.y, vAt.x) / 6.2831853 * (detail ? 12.0 : 8.0);
    float dash = state == ${state('silent')} ? step(0.38, fract(around)) : 1.0;
    OVER(uSurface, FILL(body));
    OVER(tint, FILL(abs(body + 1.3) - (detail ? 1.2 : 1.8)) * dash);
  } else {
    OVER(tint, FILL(body));
    OVER(uSurface, FILL(hollow));
  }

  /* How fresh: a ring that runs down until the vehicle counts as silent. */
  if (detail && state != ${state('silent')} && state != ${state('unknown')}) {
    float around = fract(atan(vAt.x, -vAt.y) / 6.2831853 + 1.0);
    float ring = FILL(abs(far - 16.2) - 1.1);
    bool clear = !(heading && pointer(up) < 2.6);
    if (clear) {
      OVER(uSurface, FILL(abs(far - 16.2) - 2.0) * 0.75);
      OVER(tint, ring * (around < vFresh ? 1.0 : 0.22));
    }
  }
  if (glyph || state == ${state('unknown')}) {
    float reach = state == ${state('idling')} ? 7.4 : 9.0;
    vec2 cell = vAt / (reach * 2.0) + 0.5;
    if (cell.x > 0.0 && cell.x < 1.0 && cell.y > 0.0 && cell.y < 1.0) {
      float mark = texture(uGlyphs, vec2((vLook.y + cell.x) / uGlyphCount, cell.y)).a;
      bool open = state == ${state('silent')} || state == ${state('unknown')};
      OVER(open ? tint : uSurface, mark * (open ? 0.9 : 1.0));
    }
  }
  if (state == ${state('alarm')} && detail) {
    vec2 p = vAt - vec2(11.0, -11.0);
    OVER(uSurface, FILL(length(p) - 7.2));
    OVER(tint, FILL(length(p) - 5.9));
    float bang = min(box(p + vec2(0.0, 1.2), 1.0, 0.6) - 1.0, length(p - vec2(0.0, 3.3)) - 1.1);
    OVER(uSurface, FILL(bang));
  }
  float strength = has(vLook.w, ${FLAG.dimmed}.0) ? 0.38 : 1.0;
  if (state == ${state('silent')}) strength *= 0.85;
  colour = vec4(sum.rgb * sum.a, sum.a) * strength;
}
`

/* The line from a marker that was moved aside to where it really is. */
export const LEG_VERTEX = `#version 300 es
precision highp float;
${place}
in vec2 aCorner;
void main() {
  bool none = has(aLook.w, ${FLAG.hidden}.0) || dot(aOffset, aOffset) < 1.0;
  gl_Position = none ? vec4(2.0, 2.0, 2.0, 1.0) : shifted(placeNow(), aOffset * uOffsets * aCorner.x);
}
`

export const LEG_FRAGMENT = `#version 300 es
precision highp float;
uniform vec3 uInk;
out vec4 colour;
void main() { colour = vec4(uInk, 1.0) * 0.45; }
`
