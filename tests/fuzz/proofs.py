"""Notes, checkpoints, proofs, keys, policies, tiles: strict, canonical, never believed wrongly."""

from base64 import b64encode

from hypothesis import strategies as st

from services.platform import tiles
from services.platform.checkpoint import Checkpoint, LogProof
from services.platform.merkle import in_memory, inclusion_proof, leaf_hash, root
from services.platform.note import COSIGNATURE, BadNote, Note, Signer, Verifier, signed
from services.platform.policy import BadPolicy, Policy
from services.platform.tiles import BadTile
from tests.fuzz.hunting import Property, in_words, inputs, pieces

LOG = Signer("example.org/log", bytes(range(32)))
OTHER = Signer("example.org/other", bytes(range(2, 34)))
WITNESSES = [Signer(f"witness.example/w{n}", bytes([n]) * 32, COSIGNATURE) for n in (1, 2, 3)]
TRUSTED = [LOG.verifier, *[one.verifier for one in WITNESSES]]
LEAVES = [leaf_hash(b"entry %d" % n) for n in range(7)]
HASHES = in_memory(LEAVES)

HEADS = [str(Checkpoint(LOG.name, size, root(size, HASHES))) for size in (0, 1, 3, 7)]
HEADS.append(str(Checkpoint(LOG.name, 7, root(7, HASHES), ("extension", "another one"))))
BELIEVED = [*HEADS, "a text\n", "a text\n\nand more\n", "é — \n"]
NOTES = [str(signed(text, [LOG])) for text in BELIEVED]
NOTES += [
    str(
        signed(HEADS[3], [OTHER, LOG]).with_signatures(
            [one.sign(HEADS[3], 1_770_000_000) for one in WITNESSES]
        )
    )
]
PROOFS = [
    str(LogProof(index, tuple(inclusion_proof(index, 7, HASHES)), Note.parse(NOTES[3]), extra))
    for index in (0, 3, 6)
    for extra in (b"", b"for nobody")
]
KEYS = [str(one.verifier) for one in (LOG, OTHER, *WITNESSES)]
SECRETS = [one.secret() for one in (LOG, *WITNESSES)]
POLICIES = [
    "quorum none\n",
    f"# ours\nlog {KEYS[0]} https://log.example/\nquorum none\n",
    f"log {KEYS[0]}\nlog {KEYS[1]}\nwitness a {KEYS[2]} https://a.example\nwitness b {KEYS[3]}\n"
    f"witness c {KEYS[4]}\ngroup two 2 a b\ngroup each all two c\nquorum each\n",
    f"witness a {KEYS[2]}\n\tgroup g any a\n\nquorum g\n",
]
PATHS = [
    "tile/0/000",
    "tile/entries/x001/x234/067",
    "tile/2/000.p/1",
    "tile/63/x009/x223/x372/x036/x854/x775/807.p/255",
    "tile/entries/999.p/112",
]

_MARKS = [
    b"\n",
    b"\n\n",
    b" ",
    "— ".encode(),
    b"+",
    b"=",
    b"\0",
    b"\r\n",
    b"\xff",
    "\u2028".encode(),
    b"0",
    b"-",
]
_NUMBERS = [b"0", b"00", b"7", b"9223372036854775807", b"9223372036854775808", "٣".encode(), b"1_0", b"+1"]
WORDS = [*_MARKS, *_NUMBERS, *[word for text in (*NOTES, *PROOFS[:2]) for word in pieces(text.encode())]]
_POLICY = [*_MARKS, *_NUMBERS, *[word + b" " for text in POLICIES for word in text.encode().split()]]
_PATH = [b"tile/", b"/", b"entries", b"x", b"000", b".p/", *_NUMBERS, *_MARKS]


def note(data: bytes) -> None:
    """Read in its one way of writing or refused; believed only with a text that was signed."""
    try:
        read = Note.parse(data)
    except BadNote:
        return
    assert str(read).encode() == data
    try:
        read.signed_by(TRUSTED)
    except BadNote:
        return
    assert read.text in BELIEVED


def checkpoint(text: str) -> None:
    """The same of the text in it."""
    try:
        read = Checkpoint.parse(text)
    except BadNote:
        return
    assert str(read) == text
    assert (len(read.root), 0 <= read.size < 1 << 63) == (32, True)


def log_proof(data: bytes) -> None:
    """The same of a proof."""
    try:
        read = LogProof.parse(data)
        read.checkpoint()
    except BadNote:
        return
    assert str(read).encode() == data


def key(text: str) -> None:
    """The same of a public key."""
    try:
        read = Verifier.parse(text)
    except BadNote:
        return
    assert str(read) == text


def secret(text: str) -> None:
    """The same of a private key, which no refusal repeats."""
    try:
        read = Signer.parse(text)
    except BadNote as error:
        _hides(error)
        return
    assert read.secret() == text


def _hides(refusal: Exception) -> None:
    assert not [one for one in SECRETS if one.rpartition("+")[2] in str(refusal)]


def policy(data: bytes) -> None:
    """It means the same once it is written the one way that we write it."""
    try:
        read = Policy.parse(data)
    except BadPolicy as error:
        in_words(error)
        return
    written = str(read).encode("utf-8", "surrogateescape")
    assert Policy.parse(written) == read
    try:
        read.check(Note.parse(NOTES[-1]))
    except BadNote:
        return
    assert any(one.public == LOG.verifier.public for one in read.logs)


def tile_path(text: str) -> None:
    """The one address of a tile or none."""
    try:
        tile = tiles.parse(text)
    except BadTile:
        return
    assert tiles.path(tile) == text
    assert 1 <= tile.width <= tiles.WIDTH


def tile(data: bytes) -> None:
    """1 to 256 hashes, which put together are the tile."""
    try:
        found = tiles.split(data)
    except BadTile:
        return
    assert b"".join(found) == data
    assert {len(one) for one in found} == {32}


def _texts(whole: list[str], words: list[bytes]) -> st.SearchStrategy[str]:
    """What reaches us as text already: with whatever no UTF-8 has, as from a command line."""
    return inputs([one.encode() for one in whole], words).map(
        lambda raw: raw.decode("utf-8", "surrogateescape")
    )


def _raw(texts: list[str]) -> list[bytes]:
    return [one.encode() for one in texts]


PROPERTIES = {
    "note": Property(inputs(_raw(NOTES), WORDS), note),
    "checkpoint": Property(
        _texts(HEADS, [*_MARKS, *_NUMBERS, *_raw(HEADS), b64encode(bytes(32))]), checkpoint
    ),
    "proof": Property(inputs(_raw(PROOFS), [*WORDS, b"extra ", b"index "]), log_proof),
    "key": Property(_texts(KEYS, [*_MARKS, *[k.encode() for one in KEYS for k in one.split("+")]]), key),
    "secret": Property(_texts(SECRETS, [*_MARKS, b"PRIVATE", b"KEY"]), secret),
    "policy": Property(inputs(_raw(POLICIES), _POLICY), policy),
    "tile path": Property(_texts(PATHS, _PATH), tile_path),
    "tile": Property(inputs([bytes(32), bytes(8192), b"".join(LEAVES)], [bytes(32), bytes(31), b"a"]), tile),
}
