"""The board's ledger, names, tokens, limits: nothing is lost, doubled or forged."""

import stat
import sys
import threading

import pytest

from channels_workshop.stage.board import ledger as board_ledger
from channels_workshop.stage.board.ledger import Full, Ledger, OutOfOrder
from channels_workshop.stage.board.limits import (
    LONGEST_NAME,
    WRONG_AT_ONCE,
    Bucket,
    WrongCodes,
)
from channels_workshop.stage.board.membership import number_in, tidied, told_apart
from channels_workshop.stage.board.messages import Asked, Hand, Judged, Lowered, Report

NOW = 1_000.0


def reports(*numbers):
    return [Report(number, NOW + number, Judged("03_chat_consumer")) for number in numbers]


@pytest.fixture
def file(tmp_path):
    return tmp_path / "held" / "class.sqlite3"


@pytest.fixture
def ledger(file):
    ledger = Ledger(file)
    yield ledger
    ledger.close()


@pytest.fixture
def anna(ledger):
    learner, _token = ledger.join("Anna", NOW)
    return learner.id


# ---- What happens.


def test_what_is_told_twice_is_kept_once(ledger, anna):
    assert ledger.take(anna, reports(1, 2, 3)) == 3
    assert ledger.take(anna, reports(2, 3, 4)) == 4
    assert ledger.take(anna, reports(1, 2)) == 4
    assert [event.number for event in ledger.events()] == [1, 2, 3, 4]
    assert ledger.acknowledged(anna) == 4


def test_a_gap_keeps_nothing_of_what_came_with_it(ledger, anna):
    ledger.take(anna, reports(1))
    with pytest.raises(OutOfOrder):
        ledger.take(anna, reports(2, 4))
    assert ledger.acknowledged(anna) == 1


def test_numbers_of_two_learners_are_their_own(ledger, anna):
    boris, _token = ledger.join("Boris", NOW)
    ledger.take(anna, reports(1, 2))
    assert ledger.acknowledged(boris.id) == 0
    assert ledger.take(boris.id, reports(1)) == 1


def test_what_the_instructor_does_has_its_place_in_the_order(ledger, anna):
    ledger.take(anna, [Report(1, NOW, Hand(True))])
    ledger.do(anna, Lowered(1), NOW)
    ledger.do(anna, Asked(), NOW)
    ledger.take(anna, reports(2))
    assert [(e.number, type(e.what)) for e in ledger.events()] == [
        (1, Hand),
        (None, Lowered),
        (None, Asked),
        (2, Judged),
    ]
    assert [event.number for event in ledger.events(after=3)] == [2]


def test_what_is_acknowledged_is_there_after_a_restart_with_the_same_codes(file, ledger, anna):
    ledger.take(anna, reports(1, 2))
    again = Ledger(file)  # the first was not closed: as after kill -9
    assert again.acknowledged(anna) == 2
    assert again.class_id == ledger.class_id
    assert again.code("class").text == ledger.code("class").text
    assert again.code("class").text != again.code("instructor").text
    again.close()


def test_workers_write_side_by_side(file, ledger, anna):
    """Each of two workers is told the same, as after a connection that was lost half-way."""
    both = threading.Barrier(2)

    def work():
        mine = Ledger(file)
        both.wait()
        for number in range(1, 40):
            mine.take(anna, reports(number))
        mine.close()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [event.number for event in ledger.events()] == list(range(1, 40))


def test_a_learner_may_not_fill_the_disk(ledger, anna, monkeypatch):
    monkeypatch.setattr(board_ledger, "MOST_REPORTS", 3)
    ledger.take(anna, reports(1, 2, 3))
    with pytest.raises(Full):
        ledger.take(anna, reports(4))


@pytest.mark.skipif(sys.platform == "win32", reason="has no such rights")
def test_nobody_else_on_the_machine_reads_names_and_codes(file, ledger):
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


# ---- Who is here.


def test_presence_lapses_by_itself_and_ends_at_once_when_told(ledger, anna):
    ledger.present("first", anna, until=NOW + 20)
    ledger.present("second", anna, until=NOW + 30)
    assert ledger.presences(NOW + 25) == {anna}
    assert ledger.presences(NOW + 30) == set()
    ledger.renew(["first"], until=NOW + 60)
    assert ledger.presences(NOW + 50) == {anna}
    ledger.gone("first")
    assert ledger.presences(NOW + 50) == set()


# ---- Who is who.


def test_a_token_opens_its_own_seat_and_no_other(ledger):
    anna, annas = ledger.join("Anna", NOW)
    boris, boriss = ledger.join("Boris", NOW)
    assert ledger.known(annas) == anna
    assert ledger.known(boriss) == boris
    secret = annas.partition(".")[2]
    for forged in (
        "",
        "1",
        "1.",
        f"2.{secret}",
        f"3.{secret}",
        f"x.{secret}",
        annas[:-1],
        "²." + secret,
    ):
        assert ledger.known(forged) is None, forged


def test_of_a_token_only_a_digest_is_on_the_board(file, ledger):
    _anna, token = ledger.join("Anna", NOW)
    ledger.close()
    content = b"".join(path.read_bytes() for path in file.parent.iterdir())
    assert token.partition(".")[2].encode() not in content


def test_two_of_one_name_are_told_apart(ledger):
    names = [ledger.join(name, NOW)[0].name for name in ("Anna", "ANNA", "Anna", "Anna (2)")]
    assert names == ["Anna", "ANNA (2)", "Anna (3)", "Anna (2) (2)"]
    assert len(told_apart("x" * LONGEST_NAME, ["x" * LONGEST_NAME])) == LONGEST_NAME


def test_a_class_takes_so_many_and_no_more(ledger, monkeypatch):
    monkeypatch.setattr(board_ledger, "MOST_LEARNERS", 1)
    ledger.join("Anna", NOW)
    with pytest.raises(Full):
        ledger.join("Boris", NOW)


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("  Anna\tMaria \n", "Anna Maria"),
        ("Егор", "Егор"),
        ("Jose\u0301", "José"),
        ("\u202eanna\u200b\x07", "anna"),
        ("a" + "\u0334" * 50, "a" + "\u0334" * 2),
        ("<b>Anna</b>", "<b>Anna</b>"),
        ("x" * 90, "x" * LONGEST_NAME),
        (" \u200b ", ""),
        ("\ud800", ""),
    ],
)
def test_a_name_stays_on_its_line(sent, shown):
    assert tidied(sent) == shown


def test_a_token_that_is_none():
    assert number_in("12.secret") == 12
    assert number_in("99999999999.secret") is None


# ---- How often.


def test_a_bucket_lets_through_a_burst_and_then_a_trickle():
    now = [0.0]
    bucket = Bucket(3, 2, lambda: now[0])
    assert [bucket.take() for _ in range(4)] == [True, True, True, False]
    now[0] = 0.5
    assert [bucket.take() for _ in range(2)] == [True, False]
    now[0] = 100.0
    assert [bucket.take() for _ in range(4)] == [True, True, True, False]


def test_wrong_codes_are_counted_for_each_address():
    now = [0.0]
    wrong = WrongCodes(lambda: now[0])
    for _ in range(WRONG_AT_ONCE):
        assert wrong.may_try("192.0.2.1")
        wrong.count("192.0.2.1")
    assert not wrong.may_try("192.0.2.1")
    assert wrong.may_try("192.0.2.2")
    now[0] = 10.0
    assert wrong.may_try("192.0.2.1")
    for number in range(5_000):  # a stranger has many addresses, and we have no endless memory
        wrong.count(f"2001:db8::{number:x}")
    assert len(wrong._buckets) <= 1_000
