"""What a Vietnamese syllable looks like once its marks are gone, and the English it is taken for.

Vietnamese is written in syllables of a closed set of onsets and rhymes, so most English words
betray themselves by their spelling alone. The few hundred that do not are listed here.
"""

import re

_ONSETS = "ngh ng nh gh gi ch kh ph qu th tr b c d g h k l m n p r s t v x".split()
_RHYMES = (
    "a ac ach ai am an ang anh ao ap at au ay e ec ech em en eng enh eo ep et eu i ia ich iec iem "
    "ien ieng iep iet ieu im in inh ip it iu o oa oac oach oai oam oan oang oanh oao oap oat oay "
    "oc oe oem oen oeo oet oi om on ong ooc oong op ot u ua uai uan uang uat uau uay uc ue uech "
    "uen uenh uet ui um un ung uoc uoi uom uon uong uop uot uou up ut uu uy uya uych uyen uyet "
    "uyn uynh uyp uyt uyu y yem yen yeng yet yeu"
).split()
_SYLLABLE = re.compile(
    f"(?:{'|'.join(_ONSETS)})?(?:{'|'.join(sorted(_RHYMES, key=len, reverse=True))})"
)

#: English words that are spelt like a Vietnamese syllable without its marks: no evidence for either.
AMBIGUOUS = frozenset(
    "a ac ai am an at bat bay bet bin bit boat but buy by ca can cap cat chat chem chip cho coat "
    "com come con cop cu cup cut dam dan de dec den di diem dip do doc doe don dot du due dun duo "
    "e em en et fan ga gap gas geo get go got gun ha hat he hem hen hi him hip hit ho hoe hop hot "
    "hung hut i in inch ion it kit la lab lap lay let li lip lit lo long lot lung ma mac mai man "
    "map mat may me men met mi min mit mop mu my nap net ni nil nit no non nor not nu nut o oat "
    "oh om on one op or out pan pat pay pen pet phi pi pic pie pin pip pit poem poet pop pot pro "
    "put quiet quit ram ran rang rap rat ray re real ret rich rip rot rum run sad sac sam san sang "
    "sat saw say se sea sec see sen set sin sip sit so soap son song suit sum sun ta tan tao tap "
    "tar tat tau tech ten than that the them then thin this ti tic tie tin tip to toe tom ton tong "
    "top toy tram trap tray tri trim trip true try tu tv um un up us ut vac van vet via vim vu x y "
    "yen yes yet you quay quai bang bong chap chat chin chop kho phat phone pho than thanh them "
    "thin tho thong that then thy tin tong".split()
)

#: English words no Vietnamese sentence contains, marks or no marks.
ENGLISH = frozenset(
    "about after all also and any are as be been before being between both could did does each "
    "for from further had has have having her his how if into is its more most must need needs "
    "new of only other our over shall she should some such than their these they this those "
    "through under use used using was we were what when where which while who will with within "
    "without would your you".split()
)


def is_syllable(folded: str) -> bool:
    """Whether a folded word could be a Vietnamese syllable that lost its marks."""
    return _SYLLABLE.fullmatch(folded) is not None
