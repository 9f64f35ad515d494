"""The language of a text, among those of the business."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.message import detect_language

TEXTS = {
    "en": "I have been waiting for three weeks and nobody has called me back about the order.",
    "de": "Ich warte seit drei Wochen und niemand hat sich wegen der Bestellung bei mir gemeldet.",
    "fr": "J'attends depuis trois semaines et personne ne m'a rappelé au sujet de ma commande.",
    "es": "Llevo tres semanas esperando y nadie me ha llamado para hablar del pedido.",
    "it": "Aspetto da tre settimane e nessuno mi ha richiamato per il mio ordine.",
    "nl": "Ik wacht al drie weken en niemand heeft mij teruggebeld over de bestelling.",
    "pt": "Estou à espera há três semanas e ninguém me ligou por causa da encomenda.",
    "sv": "Jag har väntat i tre veckor och ingen har ringt mig om min beställning.",
    "da": "Jeg har ventet i tre uger, og der er ingen, der har ringet til mig om min bestilling af varer.",
    "no": "Jeg har ventet i tre uker, og det er ingen som har ringt meg tilbake om bestillingen av varene mine.",
    "fi": "Olen odottanut kolme viikkoa eikä kukaan ole soittanut minulle tilauksesta.",
    "pl": "Czekam już trzy tygodnie i nikt nie zadzwonił do mnie w sprawie zamówienia.",
    "cs": "Čekám už tři týdny a nikdo se mi kvůli objednávce neozval.",
    "ru": "Я жду уже три недели, и никто не позвонил мне по поводу заказа.",
    "uk": "Я чекаю вже три тижні, і ніхто не зателефонував мені щодо замовлення.",
    "tr": "Üç haftadır bekliyorum ve siparişim için kimse beni geri aramadı, bu çok kötü bir durum.",
    "hu": "Három hete várok, és senki nem hívott vissza a rendelés miatt.",
    "ro": "Aștept de trei săptămâni și nimeni nu m-a sunat în legătură cu comanda.",
    "el": "Περιμένω τρεις εβδομάδες και κανείς δεν με πήρε τηλέφωνο.",
    "ja": "三週間待っていますが、注文について誰からも連絡がありません。",
    "zh": "我已经等了三个星期，没有人就订单给我回电话。",
    "ko": "3주 동안 기다렸지만 주문에 대해 아무도 연락하지 않았습니다.",
    "ar": "أنتظر منذ ثلاثة أسابيع ولم يتصل بي أحد بخصوص الطلب.",
    "he": "אני מחכה כבר שלושה שבועות ואף אחד לא חזר אליי.",
}


@pytest.mark.parametrize("code", TEXTS)
def test_a_language_of_the_business_is_recognised(code: str) -> None:
    assert detect_language(TEXTS[code], [code]) == code
    assert detect_language(TEXTS[code], list(TEXTS)) == code


@pytest.mark.parametrize("code", TEXTS)
def test_another_language_is_not_taken_for_the_nearest_own(code: str) -> None:
    assert detect_language(TEXTS[code], [other for other in TEXTS if other != code]) is None


def test_a_code_of_a_region_is_given_back_as_it_was_written() -> None:
    assert detect_language(TEXTS["no"], ["nb"]) == "nb"
    assert detect_language(TEXTS["pt"], ["pt-BR"]) == "pt-BR"


@pytest.mark.parametrize("text", ["", "1182", "OK", "https://client.example/the/of/and", "jo@client.example", "🙂 !!"])
def test_where_too_little_tells_there_is_no_language(text: str) -> None:
    assert detect_language(text, list(TEXTS)) is None


@given(st.text(max_size=300))
def test_any_text_has_a_language_of_the_business_or_none(text: str) -> None:
    assert detect_language(text, ["en", "ru", "ja"]) in ("en", "ru", "ja", None)
