"""``Base64``, the value of a ``Bytes`` field: how it is made, compared, copied and validated."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError, create_model

from generators.python_client.runtime.public.fields import Base64, base64_of

_RAW = b"\xfb\xff\x00"
_TEXT = "+/8A"


def test_it_holds_what_it_was_made_of_and_makes_the_other_when_asked() -> None:
    for made in (Base64.encode(_RAW), base64_of(_RAW), Base64(_TEXT), Base64.fromb64(_TEXT.encode())):
        assert (made.decode(), bytes(made), str(made), made._raw) == (_RAW, _RAW, _TEXT, _TEXT.encode())
        assert repr(made) == "Base64(b'+/8A')"
        assert f"{made}" == _TEXT
    assert (base64_of(_RAW)._data, base64_of(_RAW)._text) == (_RAW, None)
    assert (Base64(_TEXT)._data, Base64(_TEXT)._text) == (None, _TEXT.encode())
    assert Base64.encode("é".encode("latin-1")).decode_str("latin-1") == "é"
    assert Base64.encode(b"foo").decode_str() == "foo"
    assert Base64.encode(b"").decode() == b"" == bytes(Base64(""))


def test_what_is_like_bytes_is_copied_and_what_is_not_is_refused() -> None:
    changing: Any = bytearray(_RAW)
    made = Base64.encode(changing)
    changing[0] = 0
    assert made == _RAW
    wrong: list[Any] = [3, "text", None]
    for value in wrong:
        with pytest.raises(TypeError):
            Base64.encode(value)
    for value in (3, None):
        with pytest.raises(TypeError):
            Base64(value)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="ascii"):
        Base64("é")


def test_it_equals_and_hashes_like_the_bytes_it_stands_for() -> None:
    made, read, other = Base64.encode(_RAW), Base64(_TEXT), Base64.encode(b"z")
    assert made == read == _RAW == made
    assert made == bytearray(_RAW)
    assert made != other
    assert made != _TEXT
    assert made != None  # noqa: E711
    assert hash(made) == hash(read) == hash(_RAW)
    assert {made, read, _RAW} == {_RAW}
    assert {_RAW: 1}[read] == {made: 1}[_RAW] == 1  # type: ignore[index]
    assert _RAW in [other, read]
    # The last character holds bits that no byte needs: both texts stand for the same bytes.
    assert Base64("Zg==") == Base64("Zh==") == b"f"


def test_text_that_is_no_base64_is_found_when_its_bytes_are_asked_for() -> None:
    made = Base64("foo")
    with pytest.raises(ValueError, match=r"padding|base64"):
        made.decode()
    assert (str(made), repr(made)) == ("foo", "Base64(b'foo')")
    assert made == Base64(b"foo")
    assert hash(made) == hash(Base64(b"foo"))
    assert made != Base64("bar")
    assert made != b"foo"
    assert made != Base64.encode(b"foo")
    with pytest.raises(ValueError, match=r"padding|base64"):
        sorted([made, Base64("Zg==")])


def test_it_sorts_like_the_bytes_it_stands_for() -> None:
    ordered = [b"", b"\x00", b"\x00\x01", b"a", b"\xff"]
    assert sorted(map(Base64.encode, reversed(ordered))) == ordered
    assert max(Base64.encode(b"a"), Base64.encode(b"b")) == b"b"
    mixed: list[Any] = [Base64.encode(b"b"), b"a", Base64.encode(b"0"), b"c"]
    assert sorted(mixed) == sorted([b"c", *mixed[:3]]) == [b"0", b"a", b"b", b"c"]
    assert Base64.encode(b"a") < b"b"
    assert Base64.encode(b"a") <= b"a" >= Base64.encode(b"a")
    with pytest.raises(TypeError):
        assert Base64.encode(b"a") < "b"  # type: ignore[operator]


def test_it_never_changes_so_copies_are_itself() -> None:
    for made in (Base64.encode(_RAW), Base64(_TEXT), Base64("foo")):
        assert copy.copy(made) is made
        assert copy.deepcopy([made])[0] is made
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
            again = pickle.loads(pickle.dumps(made, protocol))
            assert (type(again), again, str(again)) == (Base64, made, str(made))
        for name in ("_raw", "anything"):
            with pytest.raises(AttributeError):
                setattr(made, name, b"")


def test_it_has_a_truth_and_no_length() -> None:
    # What it was tested for is whether there is one; and it would be the length of which, bytes or text?
    assert Base64.encode(b"")
    with pytest.raises(TypeError):
        len(Base64.encode(b""))  # type: ignore[arg-type]


def test_a_class_made_from_it_stays_that_class() -> None:
    class Photo(Base64):
        pass

    for made in (Photo.encode(_RAW), Photo.fromb64(_TEXT), pickle.loads(pickle.dumps(Base64(_TEXT)))):
        assert made == _RAW
    assert repr(Photo.encode(_RAW)) == "Photo(b'+/8A')"
    validated = TypeAdapter(list[Photo]).validate_python([base64_of(_RAW), _TEXT, Photo(_TEXT)])
    assert [type(photo) for photo in validated] == [Photo] * 3
    assert {*validated} == {_RAW}


def test_in_pydantic_text_becomes_one_and_json_is_text_again() -> None:
    model = create_model("Own", value=(Base64, ...), values=(list[Base64], Base64.encode(b"")))
    made: Any = model(value="foo", values=[_TEXT, _TEXT.encode(), Base64.encode(_RAW)])
    assert made.value._raw == b"foo"  # as there: nothing looks at it yet
    assert made.values == [_RAW] * 3
    assert made.model_dump() == {"value": Base64("foo"), "values": [_RAW] * 3}
    assert made.model_dump(mode="json") == {"value": "foo", "values": [_TEXT] * 3}
    assert model.model_validate_json(made.model_dump_json()) == made
    for mode in ("validation", "serialization"):
        properties = TypeAdapter(model).json_schema(mode=mode)["properties"]
        assert properties["value"] == {"title": "Value", "type": "string", "format": "byte"}
        assert properties["values"]["items"] == {"type": "string", "format": "byte"}
    for wrong in (1, None, ["Zg=="], "é"):
        with pytest.raises(ValidationError, match="value"):
            model(value=wrong, values=[])
