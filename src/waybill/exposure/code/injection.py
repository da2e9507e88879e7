"""What must not reach where: the sinks of code that talks to databases, shells, files, pages; and what cleans."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from waybill.exposure.code.facts import INJECTED, Danger, Sources
from waybill.exposure.code.values import Value, whole

ALL_INJECTED = sum(danger.bit for danger in INJECTED)

_FIRST: Mapping[str, Danger] = {
    **dict.fromkeys(["os.system", "os.popen", "subprocess.getoutput", "subprocess.getstatusoutput",
                     "commands.getoutput", "asyncio.create_subprocess_shell", "pty.spawn", "popen2.popen2",
                     "child_process.exec", "child_process.execSync"], Danger.COMMAND),
    **dict.fromkeys(["open", "io.open", "codecs.open", "os.open", "os.remove", "os.unlink", "os.rename", "os.listdir",
                     "os.rmdir", "os.mkdir", "os.makedirs", "os.scandir", "shutil.rmtree", "shutil.copy",
                     "shutil.move", "shutil.copyfile", "flask.send_file", "send_file", "django.http.FileResponse",
                     "starlette.responses.FileResponse", "fastapi.responses.FileResponse", "os.path.exists",
                     "os.path.isfile", "aiofiles.open", "fs.readFile", "fs.readFileSync", "fs.createReadStream",
                     "fs.writeFile", "fs.writeFileSync", "fs.unlink", "fs.createWriteStream", "res.sendFile",
                     "fs.promises.readFile", "tempfile.mkdtemp"], Danger.PATH),
    **dict.fromkeys(["eval", "exec", "compile", "Function", "vm.runInNewContext", "vm.runInThisContext",
                     "flask.render_template_string", "render_template_string", "jinja2.Template", "execfile",
                     "__import__", "importlib.import_module", "code.interact"], Danger.CODE),
    **dict.fromkeys(["flask.redirect", "django.shortcuts.redirect", "django.http.HttpResponseRedirect",
                     "django.http.HttpResponsePermanentRedirect", "starlette.responses.RedirectResponse",
                     "fastapi.responses.RedirectResponse", "res.redirect", "aiohttp.web.HTTPFound",
                     "werkzeug.utils.redirect", "bottle.redirect"], Danger.REDIRECT),
    **dict.fromkeys(["pickle.loads", "pickle.load", "cPickle.loads", "_pickle.loads", "dill.loads", "dill.load",
                     "marshal.loads", "marshal.load", "shelve.open", "jsonpickle.decode", "yaml.unsafe_load",
                     "yaml.full_load", "yaml.load_all", "yaml.unsafe_load_all", "joblib.load", "torch.load",
                     "pickle.Unpickler", "node-serialize.unserialize", "cloudpickle.loads", "pandas.read_pickle",
                     "ruamel.yaml.load"], Danger.OBJECTS),
    **dict.fromkeys(["django.http.HttpResponse", "flask.make_response", "flask.Response", "flask.Markup",
                     "markupsafe.Markup", "django.utils.safestring.mark_safe", "django.utils.html.format_html",
                     "starlette.responses.HTMLResponse", "fastapi.responses.HTMLResponse", "res.send", "res.write",
                     "res.end", "document.write", "document.writeln"], Danger.MARKUP),
    **dict.fromkeys(["lxml.etree.XPath", "elementpath.select"], Danger.XPATH),
}  # fmt: skip
"""Functions of which the first argument must not come from a client."""

_LAUNCHING = frozenset({f"subprocess.{one}" for one in ("run", "call", "Popen", "check_call", "check_output")})
_SHELLS = re.compile(r"(?:^|/)(?:ba|da|z|k)?sh$|^cmd(?:\.exe)?$|powershell", re.IGNORECASE)
_SQL = frozenset({"execute", "executemany", "executescript", "raw", "RawSQL", "extra", "query", "$queryRawUnsafe"})
_ON_PATHS = frozenset(
    {"open", "read_text", "read_bytes", "write_text", "write_bytes", "unlink", "mkdir", "rmdir", "iterdir", "touch",
     "exists", "is_file"}
)  # fmt: skip
_LDAP = frozenset({"search", "search_s", "search_st", "search_ext", "search_ext_s", "paged_search"})
_PARSING = frozenset({"parse", "parseString", "fromstring", "XML", "iterparse", "feed"})
_TREE = re.compile(r"etree|ElementTree|xml|parse|root|tree|doc", re.IGNORECASE)


def sinks(
    callee: str, receiver: Value, arguments: Sequence[Value], keywords: Mapping[str, Value]
) -> Iterator[tuple[Danger, Sources]]:
    """Yield the dangers of what a call is given, each with where that comes from."""
    method = callee.rpartition(".")[2]
    first = arguments[0] if arguments else next(iter(keywords.values()), None)
    if callee in _LAUNCHING or callee in {"child_process.spawn", "asyncio.create_subprocess_exec"}:
        yield Danger.COMMAND, _launched(arguments, keywords)
    if first is None:
        if method in _ON_PATHS and _is_path(receiver):
            yield Danger.PATH, whole(receiver)
        return
    danger = _FIRST.get(callee)
    if danger is not None and not (danger == Danger.REDIRECT and _stays(first)):
        yield danger, whole(first)
    if method in _SQL and not callee.startswith(("subprocess", "graphql")):
        yield Danger.SQL, whole(first)
    elif method in _ON_PATHS and _is_path(receiver):
        yield Danger.PATH, whole(receiver)
    elif method in _LDAP and ("ldap" in callee.lower() or len(arguments) > 1 or "search_filter" in keywords):
        yield Danger.LDAP, frozenset().union(*map(whole, [*arguments, *keywords.values()]))
    elif method == "xpath" or (
        method in {"find", "findall", "iterfind", "findtext", "select"} and _TREE.search(receiver.name)
    ):
        yield Danger.XPATH, whole(first)
    elif callee in {"yaml.load", "yaml.load_all"} and not _is_safe_loader(arguments, keywords):
        yield Danger.OBJECTS, whole(first)
    elif method in _PARSING and any(ENTITIES in one.texts for one in (*arguments, *keywords.values(), receiver)):
        yield Danger.ENTITIES, whole(first)


ENTITIES = "external entities"
"""Marks a parser that was told to resolve external entities."""


def resolves_entities(callee: str, arguments: Sequence[Value], keywords: Mapping[str, Value]) -> bool:
    """Return whether a call tells a parser to resolve external entities, or makes one that does."""
    method = callee.rpartition(".")[2]
    if method == "setFeature" and len(arguments) == 2:
        which = arguments[0].name.rpartition(".")[2] or arguments[0].text
        return which.endswith(("external_ges", "external_pes", "external-general-entities")) and bool(
            arguments[1].known and arguments[1].const
        )
    if method == "XMLParser":
        told = keywords.get("resolve_entities")
        return (told is not None and told.known and told.const is True) or _is_true(keywords.get("load_dtd"))
    return False


def _is_true(value: Value | None) -> bool:
    return value is not None and value.known and bool(value.const)


def _launched(arguments: Sequence[Value], keywords: Mapping[str, Value]) -> Sources:
    """Return where what a shell, or the system, is to run comes from."""
    command = arguments[0] if arguments else keywords.get("args")
    if command is None:
        return frozenset()
    parts = command.items if isinstance(command.items, list) else list(arguments[:3])
    if _is_true(keywords.get("shell")) or (parts and _SHELLS.search(parts[0].text)):
        return whole(command).union(*map(whole, parts))
    return whole(parts[0]) if parts else whole(command)


def _is_path(receiver: Value) -> bool:
    return "Path()" in receiver.name or receiver.name.startswith(("pathlib.", "anyio.Path"))


def leading(value: Value, deep: int = 6) -> str:
    """Return the text that a value begins with for certain; empty where that is not known."""
    if value.known:
        return value.text
    if value.sources and not value.parents:
        return ""
    return leading(value.parents[0], deep - 1) if value.parents and deep else ""


def _stays(value: Value) -> bool:
    """Return whether an address begins so that it stays on a host the code names."""
    begun = leading(value)
    return (begun.startswith("/") and not begun.startswith("//") and len(begun) > 1) or bool(
        re.match(r"https?://[^/]+/", begun)
    )


def _is_safe_loader(arguments: Sequence[Value], keywords: Mapping[str, Value]) -> bool:
    loader = keywords.get("Loader") or (arguments[1] if len(arguments) > 1 else None)
    return loader is not None and loader.name.rpartition(".")[2] in {"SafeLoader", "CSafeLoader", "BaseLoader"}


_CLEANING = (
    (re.compile(r"(?:^|\.)(?:int|float|bool|len|UUID|Decimal|date|fromisoformat|isdigit|count|Number|parseInt|parseFloat|"
                r"ord|hash|index)$"), ALL_INJECTED),
    (re.compile(r"(?:^|[._])(?:html_?)?(?:escape(?:_?html|_for_html|_once)?|escapeHtml|sanitize\w*|conditional_escape|"
                r"bleach\.clean|nh3\.clean|strip_tags|clean_html|quoteattr)$|cgi\.escape|\.jsonify$|DOMPurify"),
     Danger.MARKUP.bit),
    (re.compile(r"(?:^|\.)(?:render_template|render|render_to_string|JsonResponse|json|url_for|reverse)$"),
     Danger.MARKUP.bit | Danger.REDIRECT.bit),
    (re.compile(r"(?:^|\.)(?:shlex\.quote|shlex\.join|pipes\.quote)$"), Danger.COMMAND.bit),
    (re.compile(r"escape_filter_chars$|escape_dn_chars$|escape_rdn$|filter_format$"), Danger.LDAP.bit),
    (re.compile(r"(?:^|\.)(?:secure_filename|basename|safe_join|get_valid_filename|send_from_directory)$"),
     Danger.PATH.bit),
    (re.compile(r"(?:^|\.)(?:quote|quote_plus|urlencode|encodeURIComponent)$"),
     Danger.MARKUP.bit | Danger.REDIRECT.bit | Danger.PATH.bit),
    (re.compile(r"(?:^|\.)(?:literal_eval)$"), Danger.CODE.bit),
    (re.compile(r"(?:^|\.)(?:escape_string|quote_ident|quote_name|adapt|Identifier|mogrify|sql\.Literal)$"),
     Danger.SQL.bit),
    (re.compile(r"url_has_allowed_host_and_scheme$|is_safe_url$"), Danger.REDIRECT.bit),
)  # fmt: skip
"""Functions that take dangers from what they are given, and which."""


@lru_cache(1 << 14)
def cleaning(callee: str) -> int:
    """Return the dangers that a function takes from what it is given, as bits."""
    found = 0
    for pattern, bits in _CLEANING:
        if pattern.search(callee):
            found |= bits
    return found
