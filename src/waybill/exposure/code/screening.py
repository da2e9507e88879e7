"""A first look at the bytes of a file: which words it holds, and so whether a full reading can tell anything.

A file without any of these words cannot read, send or harm by itself; it may still stand between files that do, which
its imports tell. One pass of an Aho-Corasick automaton finds all words at once.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable
from enum import IntFlag
from functools import cache

from ahocorasick_rs import BytesAhoCorasick, Implementation, MatchKind

from waybill.exposure.code.names import module_name, module_path


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
        "azure.storage kafka pika redis.Redis StrictRedis mqtt websockets websocket. send_mail EmailMessage( "
        "EmailMultiAlternatives( "
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


@cache
def _automaton(*, is_script: bool) -> tuple[BytesAhoCorasick, list[Holds]]:
    words = [
        (word.encode(), holds) for holds, text in (_SCRIPT if is_script else _PYTHON).items() for word in text.split()
    ]
    words += [(word.replace(b"_", b" "), holds) for word, holds in words if b"_" in word]
    return (
        BytesAhoCorasick([word for word, _ in words], matchkind=MatchKind.Standard, implementation=Implementation.DFA),
        [holds for _, holds in words],
    )


def screen(content: bytes, *, is_script: bool) -> Holds:
    """Return what the words in a file speak of."""
    automaton, meanings = _automaton(is_script=is_script)
    found = Holds.NOTHING
    for number in {match[0] for match in automaton.find_matches_as_indexes(content, overlapping=True)}:
        found |= meanings[number]
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
    """Which lines of a file hold words that matter, and which names of other files it should be searched for."""

    def __init__(self, content: bytes, *, is_script: bool, wanted: frozenset[str] = frozenset()) -> None:
        automaton, meanings = _automaton(is_script=is_script)
        self._content = content
        self._ends = [0, *(match.end() for match in re.finditer(b"\n", content))]
        self._asking: list[int] = []
        self._places: list[int] = []
        self._passed: set[tuple[int, int]] = set()
        for number, start, _ in automaton.find_matches_as_indexes(content, overlapping=True):
            (self._asking if meanings[number] == Holds.REQUEST else self._places).append(start)
        self.add(wanted)

    def add(self, names: Iterable[str]) -> None:
        """Search for more names."""
        if (pattern := _words(names)) is not None:
            more = [match.start() for match in pattern.finditer(self._content)]
            self._places = sorted({*self._places, *more})

    def covers(self, first: int, last: int) -> bool:
        """Return whether any of the lines from ``first`` to ``last`` matters."""
        start = self._ends[first - 1]
        end = self._ends[last] if last < len(self._ends) else len(self._content)
        if _has_between(self._places, start, end) or (
            last - first < _ACCESSOR and _has_between(self._asking, start, end)
        ):
            return True
        self._passed.add((start, end))
        return False

    def passed(self) -> bytes:
        """Return the text that was ever passed over: a name that does not stand in it makes no difference."""
        return b"\n".join(self._content[start:end] for start, end in sorted(self._passed))


def _words(names: Iterable[str]) -> re.Pattern[bytes] | None:
    words = [re.escape(name.encode()) for name in names]
    return re.compile(rb"\b(?:" + b"|".join(words) + rb")\b") if words else None


def holds_any(text: bytes, names: Iterable[str]) -> bool:
    """Return whether any of some names stands in a text, as a word."""
    pattern = _words(names)
    return pattern is not None and pattern.search(text) is not None


_ACCESSOR = 12
"""Lines of a function that does no more than hand on what a client says."""


def _has_between(places: list[int], start: int, end: int) -> bool:
    place = bisect_left(places, start)
    return place < len(places) and places[place] < end


_IMPORTS = re.compile(
    rb"^[ \t]*(?:from[ \t]+(\.*[\w.]*)[ \t]+import[ \t]+(\([^)]*\)|[^\n#]*)|import[ \t]+([^\n#]+))", re.MULTILINE
)
_SCRIPT_IMPORTS = re.compile(rb"""(?:\bfrom\s*|\brequire\(\s*|\bimport\(?\s*)["']([^"'\n]{1,200})["']""")


def imported(content: bytes, path: str, *, is_script: bool) -> list[str]:
    """Return the full names of what a file imports, without parsing it; ``path`` is relative to the root."""
    module, is_package = module_name(path), path.endswith("__init__.py")
    if is_script:
        found = {module_path(match.decode("utf-8", "replace"), module) for match in _SCRIPT_IMPORTS.findall(content)}
        return sorted(found)
    names: set[str] = set()
    package = module.split(".") if is_package else module.split(".")[:-1]
    for base, given, whole in _IMPORTS.findall(content):
        for one in whole.decode("utf-8", "replace").split(","):
            names.add(one.split()[0] if one.strip() else "")
        plain = base.decode("utf-8", "replace")
        dots = len(plain) - len(plain.lstrip("."))
        above = package[: len(package) - dots + 1] if dots else []
        start = ".".join([*above, *([plain[dots:]] if plain[dots:] else [])])
        for one in given.decode("utf-8", "replace").strip("()").split(","):
            if start and one.strip():
                names.add(f"{start}.{one.split()[0]}")
    return sorted(names - {""})
