from __future__ import annotations

import pytest

from troth.policy.silence import asks_for_silence

PLAIN = [
    "No more automatic mails please.",
    "Please stop sending me these automated emails.",
    "Can you please stop sending me these messages?",
    "Stop emailing me!",
    "Please stop writing to me.",
    "Hello,\nplease stop sending me these mails.\nJo",
    "Stop these automatic messages.",
    "Please don't email me any more.",
    "Do not contact me again.",
    "I do not wish to receive any further emails like this.",
    "I don't want to receive these emails any more.",
    "I'd rather not get these automatic mails.",
    "Enough of these robot mails, I want a person.",
    "Please stop the automatic emails and call me instead.",
    "My flyers are still not here. And please stop sending me automatic replies. I want to speak to a person.",
    "Take me off your list, thank you",
    "Please remove my email address from your mailing list.",
    "No more surveys please.",
    "Please, no more emails.",
    "No automated emails please.",
    "Never write to me again.",
    "Unsubscribe me please",
    "unsubscribe",
    "Bitte keine weiteren Mails mehr.",
    "Bitte keine automatischen Mails mehr.",
    "Bitte schicken Sie mir keine solchen Nachrichten mehr.",
    "Bitte hören Sie auf, mir diese Mails zu schicken.",
    "Ich möchte keine automatischen E-Mails mehr bekommen.",
    "Bitte nehmen Sie mich aus dem Verteiler.",
    "Bitte schreiben Sie mir nicht mehr.",
    "Abmelden",
]
OF_LETTERS = [
    "Stop",
    "STOP.",
    "please stop",
    "No more emails.",
    "Please stop sending me these.",
    "Hi Ada,\n\nplease stop.\n\nJo Marsh",
    "Please don't send me any more of these.",
    "Please stop sending me these. I will ring you.",
]
OF_OTHER_THINGS = [
    "Please stop the delivery.",
    "Please stop the delivery, we have moved.",
    "Stop charging me.",
    "Please stop the print run, there is a mistake on page 2.",
    "Please stop. There is a mistake on page 2.",
    "Stop. Wait. There are two orders.",
    "Stop\nThe second page is wrong.",
    "Stop sending the wrong size!",
    "Please stop sending me damaged goods.",
    "Please stop sending parcels to my neighbour.",
    "Please stop sending me the invoices by post.",
    "Don't send me any more flyers until it is sorted.",
    "I do not want these any more, I want a refund.",
    "I will not stop writing until I get an answer.",
    "I have had no more emails from you since Monday.",
    "We received no more messages after that.",
    "Why do you never write to me?",
    "No emails since Monday.",
    "Still no answer, no emails, nothing.",
    "I got one reply on Monday. No more emails. What is going on?",
    "You are always late, never contact us, and then send a bill.",
    "You never call back, never write to me any more.",
    "You never email me back.",
    "You never contact us when something is late.",
    "No more excuses, no more delays please.",
    "Please stop ignoring me!",
    "Do not print them again.",
    "The machine does not stop.",
    "I cannot stop looking at them, they are beautiful.",
    "Your colleague told me to unsubscribe the old domain from the shop, which one is it?",
    "Please stop the emails from going to my old address, use jo@new.example.",
    "Bitte stoppen Sie die Lieferung.",
    "Bitte schicken Sie mir keine Rechnung mehr, ich habe bezahlt.",
    "Ich habe keine weiteren E-Mails mehr von Ihnen bekommen.",
    "Warum schreiben Sie mir nicht mehr?",
    "Please stop. " + "We have to talk about the whole order first. " * 10,
]


@pytest.mark.parametrize("answers_letter", [True, False])
@pytest.mark.parametrize("text", PLAIN)
def test_who_says_in_words_that_he_wants_no_more_mails_of_ours_is_heard(text: str, answers_letter: bool) -> None:
    assert asks_for_silence("Re: Order 1182", text, answers_letter=answers_letter)


@pytest.mark.parametrize("text", OF_LETTERS)
def test_a_bare_request_to_stop_is_heard_in_answer_to_a_letter_alone(text: str) -> None:
    assert asks_for_silence("Re: Order 1182", text, answers_letter=True)
    assert not asks_for_silence("Re: Order 1182", text, answers_letter=False)


def test_no_more_of_these_speaks_of_the_letter_that_was_the_last_he_got() -> None:
    said = "Please stop sending me these."
    assert asks_for_silence("Order 1182", said, answers_letter=False, after_letter=True)
    assert not asks_for_silence("Order 1182", "Please stop.", answers_letter=False, after_letter=True)


@pytest.mark.parametrize("text", OF_OTHER_THINGS)
def test_other_things_are_stopped_without_silence(text: str) -> None:
    assert not asks_for_silence("Re: Order 1182", text, answers_letter=True)


def test_the_mail_of_an_unsubscribe_link_needs_no_words() -> None:
    assert asks_for_silence("unsubscribe", "", answers_letter=False)
    assert not asks_for_silence("How to unsubscribe from the newsletter", "", answers_letter=False)
    assert not asks_for_silence("unsubscribe", "I want to know who sold you my address first", answers_letter=False)


@pytest.mark.parametrize(
    "text",
    [
        "This message was automatically generated by Gmail.",
        "Apple Mail sent this email to unsubscribe from the message “Re: Your message to Harbour Print”.",
    ],
)
def test_the_button_of_a_mail_program_is_heard_with_the_words_it_adds(text: str) -> None:
    assert asks_for_silence("unsubscribe", text, answers_letter=False)
    assert not asks_for_silence("Order 1182", text, answers_letter=False)


def test_long_texts_are_not_searched() -> None:
    assert not asks_for_silence("unsubscribe", "stop " * 50_000, answers_letter=True)


@pytest.mark.parametrize(
    "text", ["please " * 500, "stop sending me " + "automatic " * 300 + "x", ", stop the " * 300, "hi, " * 900]
)
def test_words_that_repeat_take_no_time(text: str) -> None:
    assert not asks_for_silence("Re: Order", text, answers_letter=True)
