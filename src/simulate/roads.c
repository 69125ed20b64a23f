/*
 * roads.c - places and roads, put down by hand.
 *
 * Coordinates are good to a block or so; who overlays them on a map finds vehicles
 * near the named roads, not always on them.
 */
#include "simulate/world.h"

#define NODES(NODE)                                                                      \
    /* Delhi, Inner Ring Road, clockwise from the north */                               \
    NODE(KASHMERE_GATE, 28.66790, 77.22890, STOP, DELHI)                                 \
    NODE(SALIMGARH, 28.65680, 77.24110, BEND, DELHI)                                     \
    NODE(RAJGHAT, 28.64060, 77.24770, LIGHT, DELHI)                                      \
    NODE(IP_DEPOT, 28.62900, 77.25020, STOP, DELHI)                                      \
    NODE(BHAIRON_MARG, 28.61510, 77.24880, LIGHT, DELHI)                                 \
    NODE(NIZAMUDDIN_BRIDGE, 28.59940, 77.25630, BEND, DELHI)                             \
    NODE(SARAI_KALE_KHAN, 28.58890, 77.25710, STOP, DELHI)                               \
    NODE(ASHRAM, 28.57150, 77.25890, LIGHT, DELHI)                                       \
    NODE(LAJPAT_NAGAR, 28.56760, 77.24320, STOP, DELHI)                                  \
    NODE(MOOLCHAND, 28.56690, 77.23430, LIGHT, DELHI)                                    \
    NODE(SOUTH_EXTENSION, 28.56860, 77.21990, STOP, DELHI)                               \
    NODE(AIIMS, 28.56880, 77.20780, LIGHT, DELHI)                                        \
    NODE(BHIKAJI_CAMA, 28.56830, 77.18760, STOP, DELHI)                                  \
    NODE(MOTI_BAGH, 28.57800, 77.17440, LIGHT, DELHI)                                    \
    NODE(DHAULA_KUAN, 28.59170, 77.16190, LIGHT, DELHI)                                  \
    NODE(BRAR_SQUARE, 28.60860, 77.15030, BEND, DELHI)                                   \
    NODE(NARAINA, 28.62540, 77.13930, STOP, DELHI)                                       \
    NODE(MAYAPURI, 28.63760, 77.13180, STOP, DELHI)                                      \
    NODE(RAJA_GARDEN, 28.64930, 77.12250, LIGHT, DELHI)                                  \
    NODE(PUNJABI_BAGH, 28.66870, 77.12820, STOP, DELHI)                                  \
    NODE(BRITANNIA, 28.68680, 77.14550, LIGHT, DELHI)                                    \
    NODE(WAZIRPUR, 28.69790, 77.16190, STOP, DELHI)                                      \
    NODE(AZADPUR, 28.70700, 77.17580, STOP, DELHI)                                       \
    NODE(MODEL_TOWN, 28.70290, 77.19270, LIGHT, DELHI)                                   \
    NODE(GTB_NAGAR, 28.69800, 77.20660, STOP, DELHI)                                     \
    NODE(MALL_ROAD, 28.69050, 77.21700, LIGHT, DELHI)                                    \
    NODE(CIVIL_LINES, 28.67700, 77.22530, BEND, DELHI)                                   \
    /* the centre */                                                                     \
    NODE(RED_FORT, 28.65620, 77.23560, LIGHT, DELHI)                                     \
    NODE(DELHI_GATE, 28.64070, 77.24060, LIGHT, DELHI)                                   \
    NODE(ITO, 28.62860, 77.24090, LIGHT, DELHI)                                          \
    NODE(MANDI_HOUSE, 28.62580, 77.23430, LIGHT, DELHI)                                  \
    NODE(CONNAUGHT_PLACE, 28.63130, 77.22060, STOP, DELHI)                               \
    NODE(PATEL_CHOWK, 28.62300, 77.21390, LIGHT, DELHI)                                  \
    NODE(GOLE_DAK_KHANA, 28.62670, 77.20610, LIGHT, DELHI)                               \
    NODE(NEW_DELHI_STATION, 28.64290, 77.22010, STOP, DELHI)                             \
    NODE(KAROL_BAGH, 28.64400, 77.19000, STOP, DELHI)                                    \
    NODE(PUSA, 28.64240, 77.17230, BEND, DELHI)                                          \
    NODE(SHADIPUR, 28.65150, 77.15800, LIGHT, DELHI)                                     \
    NODE(MOTI_NAGAR, 28.65780, 77.14230, STOP, DELHI)                                    \
    NODE(INDIA_GATE, 28.61290, 77.22950, LIGHT, DELHI)                                   \
    NODE(TEEN_MURTI, 28.60260, 77.19880, LIGHT, DELHI)                                   \
    NODE(CHANAKYAPURI, 28.59490, 77.18540, STOP, DELHI)                                  \
    NODE(TUGHLAK_ROAD, 28.60010, 77.21300, LIGHT, DELHI)                                 \
    NODE(SAFDARJUNG, 28.58900, 77.21060, LIGHT, DELHI)                                   \
    NODE(INA_MARKET, 28.57520, 77.20930, STOP, DELHI)                                    \
    NODE(LODHI_GARDEN, 28.58830, 77.22300, LIGHT, DELHI)                                 \
    NODE(KHAN_MARKET, 28.59990, 77.22720, STOP, DELHI)                                   \
    NODE(ZOO, 28.60400, 77.24200, LIGHT, DELHI)                                          \
    NODE(NIZAMUDDIN, 28.59050, 77.24450, LIGHT, DELHI)                                   \
    /* the south */                                                                      \
    NODE(GREEN_PARK, 28.55900, 77.20650, LIGHT, DELHI)                                   \
    NODE(HAUZ_KHAS, 28.54340, 77.20200, LIGHT, DELHI)                                    \
    NODE(QUTUB_MINAR, 28.52450, 77.18550, STOP, DELHI)                                   \
    NODE(PANCHSHEEL, 28.54200, 77.21700, LIGHT, DELHI)                                   \
    NODE(CHIRAG_DELHI, 28.54060, 77.22840, LIGHT, DELHI)                                 \
    NODE(SAKET, 28.52410, 77.21390, STOP, DELHI)                                         \
    NODE(KALKAJI, 28.54530, 77.24470, LIGHT, DELHI)                                      \
    NODE(NEHRU_PLACE, 28.54930, 77.25260, STOP, DELHI)                                   \
    NODE(OKHLA, 28.55210, 77.26700, STOP, DELHI)                                         \
    NODE(MUNIRKA, 28.55610, 77.17400, LIGHT, DELHI)                                      \
    NODE(VASANT_VIHAR, 28.56100, 77.15910, STOP, DELHI)                                  \
    NODE(PALAM_TURN, 28.55910, 77.13480, BEND, DELHI)                                    \
    NODE(AIRPORT_T1, 28.56210, 77.12070, STOP, DELHI)                                    \
    /* NH 48 to Gurugram */                                                              \
    NODE(SUBROTO_PARK, 28.57460, 77.14730, BEND, DELHI)                                  \
    NODE(MAHIPALPUR, 28.54900, 77.12200, STOP, DELHI)                                    \
    NODE(RANGPURI, 28.53370, 77.10900, BEND, DELHI)                                      \
    NODE(AMBIENCE, 28.50420, 77.09710, STOP, GURUGRAM)                                   \
    NODE(SHANKAR_CHOWK, 28.49660, 77.08840, LIGHT, GURUGRAM)                             \
    NODE(CYBER_CITY, 28.49490, 77.08920, STOP, GURUGRAM)                                 \
    NODE(SIKANDERPUR, 28.48130, 77.09330, LIGHT, GURUGRAM)                               \
    NODE(IFFCO_CHOWK, 28.47220, 77.07240, LIGHT, GURUGRAM)                               \
    NODE(MG_ROAD_GURUGRAM, 28.47970, 77.08010, STOP, GURUGRAM)                           \
    NODE(HUDA_CENTRE, 28.45930, 77.07270, STOP, GURUGRAM)                                \
    NODE(SUBHASH_CHOWK, 28.42830, 77.03760, LIGHT, GURUGRAM)                             \
    NODE(SOHNA_ROAD, 28.41330, 77.04220, STOP, GURUGRAM)                                 \
    NODE(RAJIV_CHOWK_GURUGRAM, 28.44500, 77.03380, LIGHT, GURUGRAM)                      \
    NODE(HERO_HONDA_CHOWK, 28.42920, 77.01570, LIGHT, GURUGRAM)                          \
    NODE(KHERKI_DAULA, 28.39640, 76.98120, BEND, GURUGRAM)                               \
    NODE(MANESAR, 28.36000, 76.94000, STOP, GURUGRAM)                                    \
    /* NH 48 to Jaipur */                                                                \
    NODE(BILASPUR, 28.29600, 76.87190, BEND, GURUGRAM)                                   \
    NODE(DHARUHERA, 28.20570, 76.79690, STOP, JAIPUR)                                    \
    NODE(BAWAL, 28.08060, 76.58480, STOP, JAIPUR)                                        \
    NODE(SHAHJAHANPUR, 27.99840, 76.43060, BEND, JAIPUR)                                 \
    NODE(BEHROR, 27.88880, 76.28220, STOP, JAIPUR)                                       \
    NODE(KOTPUTLI, 27.70350, 76.20080, STOP, JAIPUR)                                     \
    NODE(SHAHPURA, 27.38830, 75.96150, STOP, JAIPUR)                                     \
    NODE(CHANDWAJI, 27.19610, 75.95050, BEND, JAIPUR)                                    \
    NODE(AMBER, 26.99340, 75.87210, BEND, JAIPUR)                                        \
    NODE(JAIPUR, 26.92030, 75.81040, STOP, JAIPUR)                                       \
    NODE(SANGANER, 26.82230, 75.79360, STOP, JAIPUR)                                     \
    /* across the Yamuna, and the expressway to Agra */                                  \
    NODE(LAXMI_NAGAR, 28.63080, 77.27720, STOP, NOIDA)                                   \
    NODE(AKSHARDHAM, 28.61480, 77.27720, LIGHT, NOIDA)                                   \
    NODE(MAYUR_VIHAR, 28.60370, 77.29420, STOP, NOIDA)                                   \
    NODE(SECTOR_15, 28.58480, 77.31150, LIGHT, NOIDA)                                    \
    NODE(SECTOR_18, 28.57000, 77.32610, STOP, NOIDA)                                     \
    NODE(SECTOR_37, 28.56460, 77.34300, LIGHT, NOIDA)                                    \
    NODE(SECTOR_62, 28.62770, 77.36610, STOP, NOIDA)                                     \
    NODE(SECTOR_71, 28.59460, 77.37830, LIGHT, NOIDA)                                    \
    NODE(KALINDI_KUNJ, 28.54630, 77.31010, LIGHT, NOIDA)                                 \
    NODE(MAHAMAYA, 28.55040, 77.34440, BEND, NOIDA)                                      \
    NODE(SECTOR_125, 28.54440, 77.33020, STOP, NOIDA)                                    \
    NODE(SECTOR_142, 28.50190, 77.41530, BEND, NOIDA)                                    \
    NODE(PARI_CHOWK, 28.46460, 77.50890, STOP, NOIDA)                                    \
    NODE(JEWAR_TOLL, 28.17450, 77.60260, BEND, AGRA)                                     \
    NODE(TAPPAL, 27.98720, 77.60560, STOP, AGRA)                                         \
    NODE(MATHURA_TOLL, 27.60900, 77.74670, STOP, AGRA)                                   \
    NODE(KUBERPUR, 27.23160, 78.10430, BEND, AGRA)                                       \
    NODE(AGRA_TRANSPORT_NAGAR, 27.20510, 77.99030, STOP, AGRA)                           \
    /* Mumbai to Pune */                                                                 \
    NODE(FORT, 18.93480, 72.83560, STOP, MUMBAI)                                         \
    NODE(MARINE_DRIVE, 18.94420, 72.82350, LIGHT, MUMBAI)                                \
    NODE(HAJI_ALI, 18.97750, 72.81100, LIGHT, MUMBAI)                                    \
    NODE(WORLI, 19.00290, 72.81620, STOP, MUMBAI)                                        \
    NODE(DADAR, 19.01870, 72.84360, STOP, MUMBAI)                                        \
    NODE(MAHIM, 19.04100, 72.84060, LIGHT, MUMBAI)                                       \
    NODE(BANDRA, 19.06010, 72.84400, LIGHT, MUMBAI)                                      \
    NODE(BKC, 19.06720, 72.86810, STOP, MUMBAI)                                          \
    NODE(SANTACRUZ, 19.08260, 72.85260, LIGHT, MUMBAI)                                   \
    NODE(ANDHERI, 19.11550, 72.85560, STOP, MUMBAI)                                      \
    NODE(POWAI, 19.12020, 72.90520, STOP, MUMBAI)                                        \
    NODE(GHATKOPAR, 19.08570, 72.91770, LIGHT, MUMBAI)                                   \
    NODE(SION, 19.03930, 72.86610, LIGHT, MUMBAI)                                        \
    NODE(CHEMBUR, 19.05370, 72.89790, STOP, MUMBAI)                                      \
    NODE(VASHI, 19.06560, 72.99820, STOP, MUMBAI)                                        \
    NODE(BELAPUR, 19.02350, 73.03940, LIGHT, MUMBAI)                                     \
    NODE(KALAMBOLI, 19.02960, 73.10190, STOP, MUMBAI)                                    \
    NODE(PANVEL, 18.99050, 73.12280, BEND, MUMBAI)                                       \
    NODE(KHALAPUR, 18.83200, 73.29080, STOP, PUNE)                                       \
    NODE(KHANDALA, 18.75840, 73.37290, BEND, PUNE)                                       \
    NODE(LONAVALA, 18.75160, 73.40980, STOP, PUNE)                                       \
    NODE(TALEGAON, 18.71780, 73.66960, STOP, PUNE)                                       \
    NODE(DEHU_ROAD, 18.67570, 73.73110, BEND, PUNE)                                      \
    NODE(WAKAD, 18.59850, 73.76260, STOP, PUNE)                                          \
    NODE(BANER, 18.56040, 73.78960, LIGHT, PUNE)                                         \
    NODE(SHIVAJINAGAR, 18.53080, 73.84760, STOP, PUNE)                                   \
    NODE(SWARGATE, 18.50180, 73.86360, STOP, PUNE)                                       \
    /* Bengaluru */                                                                      \
    NODE(MAJESTIC, 12.97720, 77.57190, STOP, BENGALURU)                                  \
    NODE(MG_ROAD, 12.97550, 77.60650, STOP, BENGALURU)                                   \
    NODE(RICHMOND, 12.96600, 77.59720, LIGHT, BENGALURU)                                 \
    NODE(KORAMANGALA, 12.93520, 77.62450, STOP, BENGALURU)                               \
    NODE(SILK_BOARD, 12.91770, 77.62380, LIGHT, BENGALURU)                               \
    NODE(AGARA, 12.92380, 77.65080, LIGHT, BENGALURU)                                    \
    NODE(BELLANDUR, 12.93040, 77.67840, STOP, BENGALURU)                                 \
    NODE(MARATHAHALLI, 12.95640, 77.70110, STOP, BENGALURU)                              \
    NODE(WHITEFIELD, 12.96980, 77.75000, STOP, BENGALURU)                                \
    NODE(MAHADEVAPURA, 12.99150, 77.69150, LIGHT, BENGALURU)                             \
    NODE(TIN_FACTORY, 12.99710, 77.67090, LIGHT, BENGALURU)                              \
    NODE(INDIRANAGAR, 12.97840, 77.64080, STOP, BENGALURU)                               \
    NODE(NAGAVARA, 13.04240, 77.62110, LIGHT, BENGALURU)                                 \
    NODE(HEBBAL, 13.03580, 77.59700, STOP, BENGALURU)                                    \
    NODE(MEKHRI_CIRCLE, 13.01470, 77.58350, LIGHT, BENGALURU)                            \
    NODE(YESHWANTPUR, 13.02290, 77.55000, STOP, BENGALURU)                               \
    NODE(YELAHANKA, 13.10070, 77.59630, BEND, BENGALURU)                                 \
    NODE(AIRPORT_BENGALURU, 13.19860, 77.70660, STOP, BENGALURU)                         \
    NODE(BOMMANAHALLI, 12.90290, 77.62420, LIGHT, BENGALURU)                             \
    NODE(ELECTRONIC_CITY, 12.84580, 77.66030, STOP, BENGALURU)

#define NODE_CONSTANT(name, latitude, longitude, kind, area) name,
enum { NODES(NODE_CONSTANT) NODE_COUNT };

#define NODE_ROW(name, latitude, longitude, kind, area)                                  \
    {latitude, longitude, NODE_##kind, AREA_##area},
const struct node world_nodes[] = {NODES(NODE_ROW)};
const size_t world_node_count = NODE_COUNT;

#define COUNT_OF(...) (sizeof((uint16_t[]){__VA_ARGS__}) / sizeof(uint16_t))
#define ROAD(limit, ...)                                                                 \
    {                                                                                    \
        limit, COUNT_OF(__VA_ARGS__),                                                    \
        {                                                                                \
            __VA_ARGS__                                                                  \
        }                                                                                \
    }

const struct road world_roads[] = {
    /* Inner Ring Road */
    ROAD(60, KASHMERE_GATE, SALIMGARH, RAJGHAT, IP_DEPOT, BHAIRON_MARG, NIZAMUDDIN_BRIDGE,
         SARAI_KALE_KHAN, ASHRAM, LAJPAT_NAGAR, MOOLCHAND, SOUTH_EXTENSION, AIIMS,
         BHIKAJI_CAMA, MOTI_BAGH, DHAULA_KUAN, BRAR_SQUARE, NARAINA, MAYAPURI,
         RAJA_GARDEN, PUNJABI_BAGH, BRITANNIA, WAZIRPUR, AZADPUR, MODEL_TOWN, GTB_NAGAR,
         MALL_ROAD, CIVIL_LINES, KASHMERE_GATE),
    /* the centre */
    ROAD(40, KASHMERE_GATE, RED_FORT, DELHI_GATE, ITO, MANDI_HOUSE, CONNAUGHT_PLACE,
         PATEL_CHOWK, GOLE_DAK_KHANA, KAROL_BAGH, PUSA, SHADIPUR, MOTI_NAGAR,
         RAJA_GARDEN),
    ROAD(40, CONNAUGHT_PLACE, NEW_DELHI_STATION, DELHI_GATE, RAJGHAT),
    ROAD(40, NEW_DELHI_STATION, KAROL_BAGH),
    ROAD(40, MANDI_HOUSE, INDIA_GATE, PATEL_CHOWK),
    ROAD(50, INDIA_GATE, KHAN_MARKET, LODHI_GARDEN, SAFDARJUNG, TUGHLAK_ROAD, TEEN_MURTI,
         CHANAKYAPURI, MOTI_BAGH),
    ROAD(50, GOLE_DAK_KHANA, TEEN_MURTI),
    ROAD(50, CHANAKYAPURI, DHAULA_KUAN),
    ROAD(50, PATEL_CHOWK, TUGHLAK_ROAD),
    ROAD(50, ITO, ZOO, NIZAMUDDIN, ASHRAM),
    ROAD(40, ITO, IP_DEPOT),
    ROAD(50, INDIA_GATE, ZOO),
    ROAD(50, LODHI_GARDEN, NIZAMUDDIN, SARAI_KALE_KHAN),
    ROAD(50, LODHI_GARDEN, MOOLCHAND),
    /* the south */
    ROAD(50, SAFDARJUNG, INA_MARKET, AIIMS, GREEN_PARK, HAUZ_KHAS, QUTUB_MINAR, SAKET,
         CHIRAG_DELHI, MOOLCHAND),
    ROAD(60, ASHRAM, OKHLA, NEHRU_PLACE, KALKAJI, CHIRAG_DELHI, PANCHSHEEL, HAUZ_KHAS,
         MUNIRKA, VASANT_VIHAR, PALAM_TURN, MAHIPALPUR),
    ROAD(50, MUNIRKA, BHIKAJI_CAMA),
    ROAD(40, PALAM_TURN, AIRPORT_T1),
    /* NH 48 */
    ROAD(80, DHAULA_KUAN, SUBROTO_PARK, PALAM_TURN, MAHIPALPUR, RANGPURI, AMBIENCE,
         SHANKAR_CHOWK, IFFCO_CHOWK, RAJIV_CHOWK_GURUGRAM, HERO_HONDA_CHOWK, KHERKI_DAULA,
         MANESAR),
    ROAD(40, SHANKAR_CHOWK, CYBER_CITY, SIKANDERPUR, MG_ROAD_GURUGRAM, IFFCO_CHOWK,
         HUDA_CENTRE, SUBHASH_CHOWK, RAJIV_CHOWK_GURUGRAM),
    ROAD(50, SUBHASH_CHOWK, SOHNA_ROAD),
    ROAD(50, SUBHASH_CHOWK, HERO_HONDA_CHOWK),
    ROAD(90, MANESAR, BILASPUR, DHARUHERA, BAWAL, SHAHJAHANPUR, BEHROR, KOTPUTLI,
         SHAHPURA, CHANDWAJI, AMBER),
    ROAD(50, AMBER, JAIPUR, SANGANER),
    /* Noida and the Yamuna Expressway */
    ROAD(50, IP_DEPOT, LAXMI_NAGAR, AKSHARDHAM, NIZAMUDDIN_BRIDGE),
    ROAD(60, AKSHARDHAM, MAYUR_VIHAR, SECTOR_15, SECTOR_18, SECTOR_37, MAHAMAYA),
    ROAD(50, SECTOR_37, SECTOR_71, SECTOR_62, LAXMI_NAGAR),
    ROAD(50, OKHLA, KALINDI_KUNJ, SECTOR_125, MAHAMAYA),
    ROAD(80, MAHAMAYA, SECTOR_142, PARI_CHOWK),
    ROAD(100, PARI_CHOWK, JEWAR_TOLL, TAPPAL, MATHURA_TOLL, KUBERPUR),
    ROAD(60, KUBERPUR, AGRA_TRANSPORT_NAGAR),
    /* Mumbai and Pune */
    ROAD(50, FORT, MARINE_DRIVE, HAJI_ALI, WORLI, DADAR, SION, CHEMBUR),
    ROAD(50, DADAR, MAHIM, BANDRA, BKC, SION),
    ROAD(60, BANDRA, SANTACRUZ, ANDHERI, POWAI, GHATKOPAR, CHEMBUR, VASHI, BELAPUR,
         KALAMBOLI),
    ROAD(50, SANTACRUZ, BKC),
    ROAD(60, FORT, SION),
    ROAD(90, KALAMBOLI, PANVEL, KHALAPUR, KHANDALA, LONAVALA, TALEGAON, DEHU_ROAD),
    ROAD(60, DEHU_ROAD, WAKAD, BANER, SHIVAJINAGAR, SWARGATE),
    /* Bengaluru */
    ROAD(60, SILK_BOARD, AGARA, BELLANDUR, MARATHAHALLI, MAHADEVAPURA, TIN_FACTORY,
         NAGAVARA, HEBBAL, YESHWANTPUR, MAJESTIC, RICHMOND, KORAMANGALA, SILK_BOARD),
    ROAD(40, RICHMOND, MG_ROAD, INDIRANAGAR, TIN_FACTORY),
    ROAD(50, INDIRANAGAR, MARATHAHALLI, WHITEFIELD),
    ROAD(40, INDIRANAGAR, KORAMANGALA),
    ROAD(50, MAJESTIC, MEKHRI_CIRCLE, HEBBAL),
    ROAD(80, HEBBAL, YELAHANKA, AIRPORT_BENGALURU),
    ROAD(60, SILK_BOARD, BOMMANAHALLI, ELECTRONIC_CITY),
};
const size_t world_road_count = sizeof world_roads / sizeof *world_roads;
