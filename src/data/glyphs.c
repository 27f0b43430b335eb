#include "data/glyphs.h"

const char *const isb_glyphs[ISB_GLYPH_CLASSES][ISB_GLYPH_VARIANTS] = {
    {
        "KA FE DK FQ KU PQ RK PE KA",
        "NB JA GE FK GQ KU NP OJ NE KA HB",
        "OB IC EJ EQ JU OQ RJ QC LA IC",
        "IC FH EN HT MT QN QF MA GC",
    },
    {
        "KA KK KU",
        "HE LA LA KU",
        "GE LA LA KU / FU PU",
        "MA KK IU",
    },
    {
        "EE HA NA PE NJ IO DU DU RU",
        "EF GB LA PD OJ IP EU DR GQ KS QU SS",
        "FD KA PC OI HP EU EU QT",
        "EC KA PE LL DT FQ LS RT",
    },
    {
        "EC JA PC OH JJ JJ PL QQ LU ES",
        "EA PA PA JI JI PL QQ LU ES",
        "FC LA PE MJ JJ PM PR KU ER",
        "GB NA OF IJ IJ QK PT FU",
    },
    {
        "HA EL EL RM / OE NU",
        "NA DN DN SN / NA NU",
        "GA FJ JM PK / QA PK NU",
        "OA EM EM RL / PH OU",
    },
    {
        "PA FA FA EI EI KH PL PQ KU DS",
        "GA FI FI LH QM OS IU DR / GA RA",
        "GB FJ LH QN LU DT / GB QA",
        "RA HB FJ LJ PO LT EU",
    },
    {
        "OA HF DN GT MT PO MK GL EO",
        "MA GG EO HU NS OM KK FN",
        "KA GH FP JU OR OM KL GO",
        "QB HG EP JU PQ MM GO FQ",
    },
    {
        "DA RA RA IU",
        "DB QA QA KK HU / FK OK",
        "DE DA DA RA RA LK JU",
        "EC JB QB OI KU",
    },
    {
        "PD KA EE JI PN PS JU EQ FM LI PD",
        "KA FD HI KJ NI PD KA / KJ EN FS KU PS QN KJ",
        "OD LA GD JI NN MS HU FQ IK OF OC",
        "LI FG HB NA PE LI FO GT MU PP LI",
    },
    {
        "PE LA GC GH LJ PF PE OM MU",
        "PD KA FD GI LJ PF PD PD PU",
        "PE LA FD GJ MJ PE PE OP KU FS",
        "NB GC GI LJ PC NL IU",
    },
};
