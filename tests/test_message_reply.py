"""What the sender newly wrote, in the layouts mail programs make of a reply."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.message import new_text, parse

WHO = "Jo Marsh <jo@client.example>"
ATTRIBUTIONS = [
    f"On Mon, Nov 16, 2026 at 9:12 AM {WHO} wrote:",
    f"Am Mo., 16. Nov. 2026 um 09:12 Uhr schrieb {WHO}:",
    f"Le lun. 16 nov. 2026 à 09:12, {WHO} a écrit :",
    "El lun, 16 nov 2026 a las 9:12, Jo Marsh (<jo@client.example>) escribió:",
    f"Il giorno lun 16 nov 2026 alle ore 09:12 {WHO} ha scritto:",
    f"Op ma 16 nov 2026 om 09:12 schreef {WHO}:",
    f"Em seg., 16 de nov. de 2026 às 09:12, {WHO} escreveu:",
    f"{WHO} escreveu (segunda, 16/11/2026 à(s) 09:12):",
    f"Den mån 16 nov. 2026 kl 09:12 skrev {WHO}:",
    f"Den man. 16. nov. 2026 kl. 09.12 skrev {WHO}:",
    f"man. 16. nov. 2026 kl. 09:12 skrev {WHO}:",
    "ma 16. marrask. 2026 klo 9.12 Jo Marsh (jo@client.example) kirjoitti:",
    f"pon., 16 lis 2026 o 09:12 {WHO} napisał(a):",
    f"po 16. 11. 2026 v 9:12 odesílatel {WHO} napsal:",
    f"пн, 16 нояб. 2026 г. в 09:12, {WHO}:",
    f"2026年11月16日(月) 9:12 {WHO}:",
    f"{WHO} 于2026年11月16日周一 09:12写道：",
    f"{WHO} 於 2026年11月16日 週一 上午9:12寫道：",
    f"2026년 11월 16일 (월) 오전 9:12, {WHO}님이 작성:",
    f"{WHO}, 16 Kas 2026 Pzt, 09:12 tarihinde şunu yazdı:",
    f"{WHO} ezt írta (időpont: 2026. nov. 16., H, 9:12):",
    f"În lun., 16 nov. 2026 la 09:12, {WHO} a scris:",
    f"пн, 16 лист. 2026 р. о 09:12 {WHO} пише:",
    f"Στις Δευ 16 Νοε 2026 στις 9:12 π.μ., ο χρήστης {WHO} έγραψε:",
    f"Missatge de {WHO} del dia dl., 16 de nov. 2026 a les 9:12:",
    f"Vào Th 2, 16 thg 11, 2026 vào lúc 09:12 {WHO} đã viết:",
    "Am 16.11.26 um 09:12 schrieb Jo Marsh:",
    "Le 16/11/2026 à 09:12, Jo Marsh a écrit :",
    "On 16/11/2026 09:12, Jo Marsh wrote:",
    "El 16/11/26 a las 9:12, Jo Marsh escribió:",
    "Il 16/11/26 09:12, Jo Marsh ha scritto:",
    "Op 16-11-2026 om 09:12 schreef Jo Marsh:",
    "Em 16/11/2026 09:12, Jo Marsh escreveu:",
    "Den 2026-11-16 kl. 09:12, skrev Jo Marsh:",
    "W dniu 16.11.2026 o 09:12, Jo Marsh pisze:",
    "Dne 16. 11. 26 v 9:12 Jo Marsh napsal(a):",
    "16.11.2026 09:12, Jo Marsh пишет:",
    "在 2026/11/16 9:12, Jo Marsh 写道:",
    f"Op 16 nov 2026, om 09:12 heeft {WHO} het volgende geschreven:",
    f"16 nov. 2026 kl. 09:12 skrev {WHO}:",
    f"{WHO} kirjoitti 16.11.2026 kello 9.12:",
    f"Wiadomość napisana przez {WHO} w dniu 16 lis 2026, o godz. 09:12:",
    f"16 нояб. 2026 г., в 09:12, {WHO} написал(а):",
    f"2026/11/16 9:12、{WHO}のメール:",
    f"在 2026年11月16日，09:12，{WHO} 写道：",
    f"{WHO} schrieb am Mo., 16. Nov. 2026 um 09:12 Uhr:",
    f"---- On Mon, 16 Nov 2026 09:12:00 +0100 {WHO} wrote ----",
]

HEADER_BLOCKS = [
    "From: Jo Marsh <jo@client.example>\nSent: Monday, 16 November 2026 09:12\nTo: Harbour Print\nSubject: Order",
    "Von: Jo Marsh <jo@client.example>\nGesendet: Montag, 16. November 2026 09:12\nAn: Druck\nBetreff: Auftrag",
    "De : Jo Marsh <jo@client.example>\nEnvoyé : lundi 16 novembre 2026 09:12\nÀ : Imprimerie\nObjet : Commande",
    "De: Jo Marsh <jo@client.example>\nEnviado el: lunes, 16 de noviembre de 2026\nPara: Imprenta\nAsunto: Pedido",
    "Da: Jo Marsh <jo@client.example>\nInviato: lunedì 16 novembre 2026 09:12\nA: Stampa\nOggetto: Ordine",
    "Van: Jo Marsh <jo@client.example>\nVerzonden: maandag 16 november 2026 09:12\nAan: Druk\nOnderwerp: Order",
    "De: Jo Marsh <jo@client.example>\nEnviada em: segunda-feira, 16 de novembro\nPara: Gráfica\nAssunto: Pedido",
    "Från: Jo Marsh <jo@client.example>\nSkickat: den 16 november 2026 09:12\nTill: Tryck\nÄmne: Order",
    "Fra: Jo Marsh <jo@client.example>\nSendt: 16. november 2026 09:12\nTil: Trykk\nEmne: Ordre",
    "Lähettäjä: Jo Marsh <jo@client.example>\nLähetetty: 16. marraskuuta 2026\nVastaanottaja: Paino\nAihe: Tilaus",
    "Od: Jo Marsh <jo@client.example>\nWysłano: 16 listopada 2026 09:12\nDo: Druk\nTemat: Zamówienie",
    "Od: Jo Marsh <jo@client.example>\nOdesláno: 16. listopadu 2026\nKomu: Tisk\nPředmět: Objednávka",
    "От: Jo Marsh <jo@client.example>\nОтправлено: 16 ноября 2026 г.\nКому: Печать\nТема: Заказ",
    "Kimden: Jo Marsh <jo@client.example>\nGönderildi: 16 Kasım 2026\nKime: Baskı\nKonu: Sipariş",
    "差出人: Jo Marsh <jo@client.example>\n送信日時: 2026年11月16日\n宛先: 印刷\n件名: 注文",
    "发件人: Jo Marsh <jo@client.example>\n发送时间: 2026年11月16日\n收件人: 印刷\n主题: 订单",
    "보낸 사람: Jo Marsh <jo@client.example>\n보낸 날짜: 2026년 11월 16일\n받는 사람: 인쇄\n제목: 주문",
    "*From:* Jo Marsh <jo@client.example>\n*Sent:* Monday\n*To:* Harbour Print\n*Subject:* Order",
    "-----Original Message-----\nFrom: Jo Marsh",
    "-----Ursprüngliche Nachricht-----\nVon: Jo Marsh",
    "________________________________\nFrom: Jo Marsh <jo@client.example>\nSent: Monday\nSubject: Order",
    "---------- Forwarded message ---------\nFrom: Jo Marsh <jo@client.example>",
]


@pytest.mark.parametrize("line", ATTRIBUTIONS)
def test_all_below_an_attribution_is_quoted(line: str) -> None:
    found = new_text(f"The colours came out wrong.\n\n{line}\n\nHere is your proof.\nPlease check it.")
    assert found.text == "The colours came out wrong."
    assert "Here is your proof." in found.quoted


@pytest.mark.parametrize("line", ATTRIBUTIONS)
def test_what_stands_below_marked_lines_is_new(line: str) -> None:
    found = new_text(f"{line}\n> Here is your proof.\n> Please check it.\n\nThe colours came out wrong.")
    assert found.text == "The colours came out wrong."


@pytest.mark.parametrize("block", HEADER_BLOCKS)
def test_all_below_a_block_of_header_lines_is_quoted(block: str) -> None:
    found = new_text(f"The colours came out wrong.\n\n{block}\n\nHere is your proof.")
    assert found.text == "The colours came out wrong."


def test_an_attribution_broken_over_lines_is_one() -> None:
    broken = "On Mon, Nov 16, 2026 at 9:12 AM Jo Marsh, Marsh & Co <\njo@client.example>\nwrote:"
    assert new_text(f"Wrong.\n\n{broken}\n\nproof").text == "Wrong."


def test_answers_between_the_quoted_lines_are_all_kept() -> None:
    mail = "> Is the paper right?\nNo.\n\n> And the colour?\nNeither."
    assert new_text(mail).text == "No.\n\nNeither."


@pytest.mark.parametrize(
    "sentence",
    [
        "On 3 March I wrote to you already:\nnobody answered.",
        "As you said at 10:30, we waited:\nnobody came.",
        "From: my point of view this is wrong.\nSubject: closed.",
        "We moved from here to there.\nTo: be honest, it was bad.",
        "Visit us\n>>> >>> https://client.example <<<\nnow",
        "I sent it on Monday.\nOn Tuesday it came back.",
        "My parcel\nFrom: London\nTo: Leeds\nDate: 3 May\nnever came.",
        "It broke.\n\nSent by courier on Monday.\n\nPlease help.",
        "Our order -- the second one -- is late.",
    ],
)
def test_a_persons_own_sentences_are_not_taken_for_marks(sentence: str) -> None:
    assert new_text(sentence).text == sentence


@pytest.mark.parametrize(
    "line",
    [
        "Sent from my iPhone",
        "Sent from Outlook for Android",
        "Get Outlook for iOS <https://aka.example/o0ukef>",
        "Sent from my phone, please excuse any typos.",
        "Von meinem iPhone gesendet",
        "Envoyé de mon iPhone",
        "Enviado desde mi iPhone",
        "Inviato da iPhone",
        "Verstuurd vanaf mijn iPhone",
        "Enviado do meu iPhone",
        "Skickat från min iPhone",
        "Sendt fra min iPhone",
        "Lähetetty iPhonesta",
        "Wysłane z iPhone'a",
        "Odesláno z iPhonu",
        "Отправлено с iPhone",
        "iPhone'umdan gönderildi",
        "iPhoneから送信",
        "发自我的iPhone",
        "나의 iPhone에서 보냄",
    ],
)
def test_what_a_device_adds_is_no_new_text(line: str) -> None:
    assert new_text(f"The colours came out wrong.\n\n{line}").text == "The colours came out wrong."


@pytest.mark.parametrize(
    "closing",
    [
        "-- \nJo Marsh\nMarsh & Co",
        "Best regards,\nJo",
        "Kind regards\n\nJo Marsh\nMarsh & Co\n+44 20 7946 0000",
        "Mit freundlichen Grüßen\nJo Marsh",
        "Cordialement,\nJo",
        "Un saludo,\nJo",
        "Cordiali saluti\nJo",
        "Met vriendelijke groet,\nJo",
        "Atenciosamente,\nJo",
        "Med vänliga hälsningar\nJo",
        "Med venlig hilsen\nJo",
        "Ystävällisin terveisin\nJo",
        "Pozdrawiam,\nJo",
        "S pozdravem\nJo",
        "С уважением,\nJo",
        "Saygılarımla,\nJo",
        "Jo Marsh\njo@client.example\n+44 20 7946 0000\nwww.client.example",
    ],
)
def test_what_closes_a_mail_is_no_new_text(closing: str) -> None:
    found = new_text(f"Hello,\n\nthe colours came out wrong.\n\n{closing}")
    assert found.text == "Hello,\n\nthe colours came out wrong."
    assert "Jo" in found.signature


@pytest.mark.parametrize(
    "mail",
    [
        "It is late.\n\nBest regards\nJo\n\nPS: I want my money back.",
        "It is late.\n\nRegards, Jo\n\nWhen will it come?",
        "I want:\n\n- Refund",
        "What is wrong:\n- Colour\n- Paper",
        "I want two things,\n- a refund",
    ],
)
def test_what_is_said_after_the_name_is_kept(mail: str) -> None:
    assert new_text(mail).text == mail


def test_thanks_is_a_word_of_ones_own_and_stays() -> None:
    assert new_text("It is lovely.\n\nThank you,\nJo").text == "It is lovely.\n\nThank you,\nJo"


def test_a_confidentiality_notice_is_no_new_text() -> None:
    notice = "This e-mail and its attachments are confidential and intended only for the addressee."
    assert new_text(f"It is wrong.\n\n{notice}\nIf you are not he, delete it.").text == "It is wrong."


@pytest.mark.parametrize(
    ("mail", "text"),
    [
        ("> only a quote", "> only a quote"),
        ("---------- Forwarded message ----------\nFrom: a@b.example\nSubject: x\n\nThe words.", "The words."),
        ("-- \nJo", "Jo"),
        ("Sent from my iPhone", "Sent from my iPhone"),
        ("Best regards", "Best regards"),
    ],
)
def test_the_new_text_is_never_empty_where_there_is_text(mail: str, text: str) -> None:
    assert text in new_text(mail).text


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=400))
def test_no_text_loses_all_its_words(plain: str) -> None:
    assert bool(new_text(plain).text.strip()) == bool(plain.strip())


MARKS = ["> quoted", "On 3 May 2026 at 10:00 Jo wrote:", "-- ", "From: a@b.example", "Date: today", "Subject: x"]
WORDS = [
    "Hello.",
    "",
    "Best regards",
    "Sent from my iPhone",
    "________________",
    "-----Original Message-----",
    "Jo",
    "| x",
    ">",
]
PIECES = st.sampled_from([*MARKS, *WORDS])


@given(st.lists(PIECES, max_size=20))
def test_every_word_of_a_mail_is_in_one_of_its_parts(lines: list[str]) -> None:
    plain = "\n".join(lines)
    found = new_text(plain)
    everything = f"{found.text}\n{found.quoted}\n{found.signature}"
    assert all(word in everything for word in plain.replace("-", " ").replace("_", " ").replace(">", " ").split())
    assert bool(found.text.strip()) == bool(plain.strip())


OUTLOOK = (
    '<div>It came late again.</div><hr><div id="divRplyFwdMsg" dir="ltr"><font><b>From:</b> Harbour Print<br>'
    "<b>Sent:</b> Friday<br><b>Subject:</b> Order 1182</font></div><div><p>We promise it for Monday.</p></div>"
)


def test_what_follows_the_header_that_outlook_marks_is_quoted() -> None:
    mail = parse(f"From: jo@client.example\r\nContent-Type: text/html\r\n\r\n{OUTLOOK}".encode())
    assert mail.text == "It came late again."
    assert "We promise it for Monday." in mail.quoted


def test_what_follows_a_quote_in_which_outlook_marked_a_header_is_new() -> None:
    html = f"<p>See below.</p><blockquote>{OUTLOOK}</blockquote><p>What about this?</p>"
    mail = parse(f"From: jo@client.example\r\nContent-Type: text/html\r\n\r\n{html}".encode())
    assert "What about this?" in mail.text
    assert "Monday" not in mail.text
