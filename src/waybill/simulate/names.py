"""Names that nobody bears: of people, machines, domains, folders and files, other ones for every seed.

They are put together from syllables and everyday words, so that a detector cannot have learnt them. All domains end in
``example`` (RFC 2606), and outside addresses come from the blocks for documentation (RFC 5737).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import TypeVar

Word = TypeVar("Word")

SURNAMES = (
    "bai", "cai", "chen", "cheng", "cui", "deng", "ding", "dong", "du", "fan", "fang", "feng", "gao", "gu", "guo",
    "han", "hao", "he", "hou", "hu", "huang", "jia", "jiang", "jin", "kang", "kong", "lei", "li", "liang", "liao",
    "lin", "liu", "long", "lu", "luo", "ma", "mao", "meng", "mo", "niu", "pan", "peng", "qian", "qiao", "qin", "qiu",
    "ren", "shao", "shen", "shi", "song", "su", "sun", "tan", "tang", "tao", "tian", "wan", "wang", "wei", "wen", "wu",
    "xia", "xiao", "xie", "xu", "xue", "yan", "yang", "yao", "ye", "yin", "yu", "yuan", "zeng", "zhang", "zhao",
    "zheng", "zhong", "zhou", "zhu", "zou",
)  # fmt: skip
GIVEN = (
    "an", "bo", "chao", "chun", "dan", "fei", "gang", "guang", "hai", "hong", "hua", "hui", "jian", "jie", "jing",
    "jun", "kai", "lan", "lei", "li", "lin", "ling", "mei", "min", "ming", "na", "ning", "peng", "ping", "qi", "qing",
    "rong", "rui", "shan", "sheng", "ting", "wei", "wen", "xia", "xin", "xue", "yan", "yi", "ying", "yong", "yu",
    "yun", "ze", "zhen", "zhi",
)  # fmt: skip
SYLLABLES = (
    "ao", "bei", "cang", "dao", "fu", "gan", "heng", "jin", "kuan", "lan", "mu", "nuo", "ou", "pu", "qi", "rui", "sen",
    "tai", "wan", "xi", "ya", "yun", "zhen", "zhuo",
)  # fmt: skip

OUTSIDE = ("192.0.2", "198.51.100", "203.0.113")
"""The blocks for documentation, which stand for the Internet."""


class Names:
    """Draws names, none of them twice."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._given: set[str] = set()

    def account(self) -> str:
        """Return the account of a person, like ``lin.jiahao``."""
        return self._new(lambda: f"{self.of(SURNAMES)}.{self.of(GIVEN)}{self.of(GIVEN)}")

    def label(self) -> str:
        """Return a word that may be part of a domain."""
        return self._new(lambda: self.of(SYLLABLES) + self.of(SYLLABLES) + self.of(SYLLABLES))

    def token(self, digits: int = 8) -> str:
        """Return hexadecimal digits in lower case."""
        return self._new(lambda: f"{self._random.getrandbits(4 * digits):0{digits}x}")

    def digits(self, count: int) -> str:
        """Return decimal digits that do not begin with 0."""
        return self._new(lambda: str(self._random.randrange(10 ** (count - 1), 10**count)))

    def of(self, words: Sequence[Word]) -> Word:
        """Return one of these words; words may come again."""
        return words[int(self._random.random() * len(words))]

    def _new(self, draw: Callable[[], str]) -> str:
        while (name := draw()) in self._given:
            pass
        self._given.add(name)
        return name


def outside_address(random: Random) -> str:
    """Return an address on the Internet."""
    return f"{OUTSIDE[int(random.random() * 3)]}.{1 + int(random.random() * 254)}"
