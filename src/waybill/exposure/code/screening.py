"""A first look at the bytes of a file: which words it holds, and so whether a full reading can tell anything.

A file without any of these words cannot read, send or harm by itself; it may still stand between files that do, which
its imports tell. One pass of an Aho-Corasick automaton finds all words at once.
"""

from __future__ import annotations

import re
import sys
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import IntFlag
from functools import cache
from operator import itemgetter

from ahocorasick_rs import BytesAhoCorasick, Implementation, MatchKind

from waybill.exposure.code.names import module_name, module_path
from waybill.exposure.code.searching import places


class Holds(IntFlag):
    """What the words in a file speak of."""

    NOTHING = 0
    EGRESS = 1
    """Sending."""
    REQUEST = 2
    """What clients say."""
    HARM = 4
    """Places where what clients say can do harm."""
    GRAVE = 512
    """Places where it can do great harm, also by way of other files."""
    CRYPTOGRAPHY = 8
    RANDOM = 16
    FIELDS = 32
    """Fields of a page."""
    READS = 64
    """Reading many records."""
    LOADS = 256
    """Setting addresses that a page loads."""
    PACKED = 128
    """It was made by a program, in lines that nobody reads."""


_PYTHON: dict[Holds, str] = {
    Holds.EGRESS: (
        "requests. import_requests from_requests httpx urlopen urllib.request urllib3 aiohttp http.client "
        "HTTPConnection HTTPSConnection smtplib import_socket socket. ftplib paramiko pysftp boto3 google.cloud "
        "azure.storage kafka pika redis.Redis StrictRedis mqtt websockets websocket. send_mail( core.mail_import "
        "EmailMessage( EmailMultiAlternatives( "
        "subprocess. import_subprocess from_subprocess os.system popen( dns.resolver gethostby import_module( "
        "__import__( telnetlib "
        "xmlrpc.client b64decode fromhex( __builtins__ globals()[ sys.modules codecs.decode"
    ),
    Holds.REQUEST: "request FastAPI APIRouter",
    Holds.GRAVE: (
        ".execute( executescript( RawSQL( .extra( os.system popen( subprocess. shell=True _eval( _exec( pickle. "
        "marshal. jsonpickle dill. from_pickle import_system import_popen"
    ),
    Holds.HARM: (
        "yaml. shelve _open( =open( send_file FileResponse( os.remove os.unlink shutil. redirect( "
        "RedirectResponse( ResponseRedirect( HttpResponse( make_response mark_safe( Markup( render_template_string "
        "HTMLResponse ldap xpath( XPath( etree .route( session[ sax. minidom os.listdir pathlib aiofiles"
    ),
    Holds.CRYPTOGRAPHY: (
        "hashlib hazmat Crypto Cryptodome Fernet import_ssl from_ssl ssl. _create_unverified verify=False verify_ssl "
        "CERT_NONE check_hostname AutoAddPolicy WarningPolicy jwt.encode jwt.decode from_jose hmac. pbkdf2 PBKDF2 "
        "random.seed set_cookie( bcrypt scrypt telnetlib ftplib.FTP MODE_ECB MODE_CBC rsa.newkeys DES.new AES.new "
        "M2Crypto nacl. passlib crypt.crypt( export_key( exportKey( OpenSSL RSAKey.generate DSSKey.generate "
        "itsdangerous .secret_key SECRET_KEY COOKIE_SECURE COOKIE_HTTPONLY pyDes numpy.random np.random uuid1 "
        "assert_hostname"
    ),
    Holds.READS: (
        ".objects _default_manager _base_manager all_objects get_model get_user_model execute( copy_expert read_sql "
        "select( .query( .find( .aggregate( to_list( scalars( receiver( .raw("
    ),
    Holds.RANDOM: "random. from_random",
}  # fmt: skip
_SCRIPT: dict[Holds, str] = {
    Holds.EGRESS: (
        "fetch( axios sendBeacon XMLHttpRequest WebSocket .ajax( $.post $.get jQuery.post "
        "https.request http.request https.get http.get node-fetch undici got( got. superagent needle "
        "'request' \"request\" sendMail child_process net.connect createConnection createSocket dns. aws-sdk "
        "@google-cloud @azure "
        "createDataChannel importScripts window[ self[ globalThis[ atob( fromCharCode _0x"
    ),
    Holds.LOADS: "Image( .src= .src_= .href= .href_= .action= .action_= location=  location_= setAttribute(",
    Holds.REQUEST: "req. request. req, ctx.",
    Holds.HARM: (
        "eval( Function( exec( execSync( .query( queryRawUnsafe readFile createReadStream sendFile .redirect( res.send "
        "res.write innerHTML document.write runInNewContext unserialize writeFile"
    ),
    Holds.CRYPTOGRAPHY: (
        "createHash createCipher createHmac pbkdf2 rejectUnauthorized scryptSync jsonwebtoken jwt.sign "
        "generateKeyPair strictSSL"
    ),
    Holds.READS: (
        ".find .query( .from( knex( .select( .execute( .collection( getRepository .scan( .getMany .fetchAll toArray"
    ),
    Holds.RANDOM: "Math.random",
    Holds.FIELDS: "querySelector getElementBy FormData serialize addEventListener onkey .forms",
}  # fmt: skip


_TEXT = (
    rb"(?:[bu]?r?|rb)(?:\"(?!\"\")[^\"\\\n]*+\"|'(?!'')[^'\\\n]*+'|"
    rb"\"{3}(?:[^\"\\]|\"(?!\"\"))*+\"{3}|'{3}(?:[^'\\]|'(?!''))*+'{3})"
)
_GIVEN_TEXT = rb"\s*(?:\)|(?:" + _TEXT + rb"\s*)+[,)])"
_HARMLESS: dict[str, re.Pattern[bytes]] = {
    **dict.fromkeys(
        [".execute(", "executescript(", "RawSQL(", "_open(", "=open(", "HttpResponse(", "mark_safe(", "Markup("],
        re.compile(_GIVEN_TEXT, re.IGNORECASE),
    ),
    **dict.fromkeys(["redirect(", "ResponseRedirect("], re.compile(_GIVEN_TEXT + rb"|\s*reverse\(", re.IGNORECASE)),
    "session[": re.compile(rb"[^\[\]\n]*+\](?!\s*(?:\[|[-+|]?=(?!=)))"),
    "hashlib": re.compile(rb"\.(?:sha(?:224|256|384|512)|sha3_\w+|blake2[bs])\(|[ \t]*\r?\n"),
}
"""Words of Python that say nothing where this follows: what is given is a text in full, or nothing is changed."""


_MODULES = frozenset({"requests.", "random.", "socket.", "pickle.", "marshal.", "ssl.", "hmac.", "dns."})
"""Words that are names of modules: they say nothing at the end of a longer name."""
_WITHIN_NAME = re.compile(rb"[\w.]")


class _Words:
    """The words of a language, and what they speak of."""

    def __init__(self, words: Mapping[Holds, str], harmless: Mapping[str, re.Pattern[bytes]]) -> None:
        given = [(word, int(holds)) for holds, text in words.items() for word in text.split()]
        given += [(word.replace("_", " "), holds) for word, holds in given if "_" in word]
        self.automaton = BytesAhoCorasick(
            [word.encode() for word, _ in given], matchkind=MatchKind.Standard, implementation=Implementation.DFA
        )
        self.meanings = [holds for _, holds in given]
        self.whole = {number for number, (word, _) in enumerate(given) if word in _MODULES}
        self.harmless = [harmless.get(word.replace(" ", "_")) for word, _ in given]


@cache
def _words(*, is_script: bool) -> _Words:
    return _Words(_SCRIPT, {}) if is_script else _Words(_PYTHON, _HARMLESS)


def is_word(text: str) -> bool:
    """Return whether the words of Python hold this one, so that nobody needs to search for it."""
    return any(text in words.split() for words in _PYTHON.values())


def _matches(content: bytes, *, is_script: bool) -> Iterator[tuple[int, int]]:
    """Yield where words stand in a file, and what they speak of."""
    words = _words(is_script=is_script)
    meanings, harmless, whole = words.meanings, words.harmless, words.whole
    for number, start, end in words.automaton.find_matches_as_indexes(content, overlapping=True):
        after = harmless[number]
        if after is not None and after.match(content, end) is not None:
            continue
        if start and number in whole and _WITHIN_NAME.match(content, start - 1) is not None:
            continue
        yield start, meanings[number]


def screen(content: bytes, *, is_script: bool) -> Holds:
    """Return what the words in a file speak of."""
    bits = 0  # adding up flags takes ten times as long
    for meaning in set(map(itemgetter(1), _matches(content, is_script=is_script))):
        bits |= meaning
    found = Holds(bits)
    if _is_packed(content):
        found |= Holds.PACKED
    if _DISGUISED.search(content, 0, 4096) or (not content.isascii() and _LOOKALIKE.search(content)):
        found |= Holds.EGRESS  # its words cannot be told from its bytes
    return found


_DISGUISED = re.compile(rb"coding[:=][ \t]*(?!utf-?8|ascii|us-ascii|latin|iso-?8859|cp125)[-\w.]+", re.IGNORECASE)
_LOOKALIKE = re.compile(rb"\xef\xbd[\x81-\x9a]|\xf0\x9d[\x90-\x9b]")
"""Letters in full width or of mathematics, which Python reads as plain ones."""

_LONGEST_LINE = 2000


def _is_packed(content: bytes) -> bool:
    """Return whether a file is packed, by the length of its lines."""
    return len(content) > 20_000 and len(content) // (content.count(b"\n") + 1) > _LONGEST_LINE


WORTH = Holds.GRAVE | Holds.EGRESS | Holds.CRYPTOGRAPHY | Holds.RANDOM
"""Any of these words alone makes a full reading worth while."""


def is_worth_reading(found: Holds) -> bool:
    """Return whether a file can do something by itself."""
    asks = Holds.REQUEST in found and Holds.HARM in found
    return bool(found & WORTH) or asks or (Holds.LOADS in found and Holds.FIELDS in found)


class Interest:
    """Which lines of a file hold words that matter, and which words of ``searching`` it should be searched for."""

    def __init__(
        self,
        content: bytes,
        *,
        is_script: bool,
        wanted: frozenset[str] = frozenset(),
        within: Sequence[tuple[int, int]] | None = None,
    ) -> None:
        """Look for what matters by itself and for words that are ``wanted``, or for these alone ``within`` places."""
        self._content = content
        self._is_script = is_script
        self._ends = [0, *(match.end() for match in re.finditer(b"\n", content))]
        self._asking: list[int] = []
        self._places: list[int] = []
        self._passed: set[tuple[int, int]] = set()
        self._within = within
        if within is None:
            self._look(is_wanted=bool(wanted))
        self.add(wanted)

    def _look(self, *, is_wanted: bool) -> None:
        matches = list(_matches(self._content, is_script=self._is_script))
        telling = _telling({meaning for _, meaning in matches}, is_wanted=is_wanted)
        for start, meaning in matches:
            if meaning in telling:
                (self._asking if meaning == Holds.REQUEST else self._places).append(start)

    def add(self, words: Iterable[str]) -> None:
        """Search for more words."""
        more = set(places(self._content, words, is_script=self._is_script))
        if self._within is not None:
            more = {place for place in more if is_within(place, self._within)}
        if more:
            self._places = sorted(more.union(self._places))

    def covers(self, first: int, last: int) -> bool:
        """Return whether any of the lines from ``first`` to ``last`` matters."""
        start = self._ends[first - 1]
        return self._holds(start, self._ends[last] if last < len(self._ends) else len(self._content), last - first)

    def holds(self, start: int, end: int) -> bool:
        """Return whether any of the bytes from ``start`` to ``end`` matters."""
        first, last = self.lines(start, end)
        return self._holds(start, end, last - first)

    def lines(self, start: int, end: int) -> tuple[int, int]:
        """Return in which lines bytes lie: the first and the last of them."""
        return bisect_right(self._ends, start), bisect_right(self._ends, end)

    def _holds(self, start: int, end: int, more: int) -> bool:
        if _has_between(self._places, start, end) or (more < _ACCESSOR and _has_between(self._asking, start, end)):
            return True
        self._passed.add((start, end))
        return False

    def passed(self) -> list[tuple[int, int]]:
        """Return where the text was ever passed over: a word that does not stand there makes no difference."""
        joined: list[tuple[int, int]] = []
        for start, end in sorted(self._passed):
            if joined and start <= joined[-1][1]:
                joined[-1] = joined[-1][0], max(end, joined[-1][1])
            else:
                joined.append((start, end))
        return joined


def is_within(place: int, spans: Sequence[tuple[int, int]]) -> bool:
    """Return whether a place lies in one of some spans, which are in order and apart."""
    after = bisect_right(spans, (place, sys.maxsize))
    return after > 0 and place < spans[after - 1][1]


_TELLING = frozenset(map(int, (Holds.EGRESS, Holds.GRAVE, Holds.CRYPTOGRAPHY, Holds.RANDOM, Holds.LOADS, Holds.FIELDS)))


def _telling(held: set[int], *, is_wanted: bool) -> set[int]:
    """Return words of which meanings tell anything in a file, by all that it holds.

    What is read, or said by clients, matters where something in the file can send it, or do harm with it; and where
    other files use it.
    """
    if is_wanted:
        return held
    found = held & _TELLING
    if held & {Holds.EGRESS, Holds.LOADS}:
        found |= held & {Holds.READS}
    if Holds.REQUEST in held and held & {Holds.HARM, Holds.GRAVE}:
        found |= held & {Holds.REQUEST, Holds.HARM}
    return found


_ACCESSOR = 12
"""Lines of a function that does no more than hand on what a client says."""


def _has_between(places: list[int], start: int, end: int) -> bool:
    place = bisect_left(places, start)
    return place < len(places) and places[place] < end


_IMPORT = re.compile(rb"import[ \t]+")
_GIVEN = re.compile(rb"\([^)]*\)|[^\n#]*")
_SCRIPT_IMPORTS = re.compile(rb"""(?:\bfrom\s*|\brequire\(\s*|\bimport\(?\s*)["']([^"'\n]{1,200})["']""")


def imported(content: bytes, path: str, *, is_script: bool) -> list[str]:
    """Return the full names of what a file imports, without parsing it; ``path`` is relative to the root."""
    module, is_package = module_name(path), path.endswith("__init__.py")
    if is_script:
        found = {module_path(match.decode("utf-8", "replace"), module) for match in _SCRIPT_IMPORTS.findall(content)}
        return sorted(found)
    names: set[str] = set()
    package = module.split(".") if is_package else module.split(".")[:-1]
    for match in _IMPORT.finditer(content):
        line = content[content.rfind(b"\n", 0, match.start()) + 1 : match.start()]
        before = line.split()
        if line[-1:].strip() or (before and before[0] != b"from"):
            continue
        given = _given(content, match.end())
        if not before:
            names.update(given)
        elif len(before) == 2:
            plain = before[1].decode("utf-8", "replace")
            dots = len(plain) - len(plain.lstrip("."))
            above = package[: len(package) - dots + 1] if dots else []
            start = ".".join([*above, *([plain[dots:]] if plain[dots:] else [])])
            names.update(f"{start}.{one}" for one in given if start)
    return sorted(names - {""})


def _given(content: bytes, place: int) -> list[str]:
    """Return the names that follow the word of an import."""
    match = _GIVEN.match(content, place)
    plain = match[0].decode("utf-8", "replace").strip("()") if match is not None else ""
    return [one.split()[0] for one in plain.split(",") if one.strip()]
