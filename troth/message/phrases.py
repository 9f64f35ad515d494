"""The words by which mail programs mark what is not newly written, in the languages of their menus. Data, no code."""

# ruff: noqa: E501  # one language to a line

from __future__ import annotations

# The verb of "On Monday, Jo wrote:", in small letters.
WROTE = (
    *(
        "wrote",
        "writes",
        "said",
        "says",
        "sent",
        "schrieb",
        "schrieben",
        "schrieben sie",
        "geschrieben",
        "schreef",
        "geschreven",
    ),
    *(
        "a écrit",
        "écrit",
        "a ecrit",
        "nous a dit",
        "escribió",
        "escribio",
        "ha escrito",
        "ha escrit",
        "va escriure",
        "ha scritto",
    ),
    *(
        "scrive",
        "scrisse",
        "escreveu",
        "skrev",
        "skrifaði",
        "kirjoitti",
        "napisał(a)",
        "napisał",
        "napisała",
        "pisze",
        "nadesłał(a)",
    ),
    *(
        "nadesłał",
        "napsal(a)",
        "napsal",
        "napsala",
        "napísal(a)",
        "napísal",
        "napísala",
        "написал(а)",
        "написал",
        "написала",
    ),
    *(
        "пишет",
        "писал(а)",
        "писал",
        "писала",
        "пише",
        "написав",
        "написа",
        "đã viết",
        "yazdı",
        "yazdi",
        "şunu yazdı",
        "írta",
    ),
    *(
        "a scris",
        "έγραψε",
        "napisao",
        "napisao/la",
        "napisala",
        "je napisal/a",
        "rašė",
        "kirjutas",
        "rakstīja",
        "menulis",
        "كتب",
    ),
    *("כתב", "כתבה", "כתב/ה", "写道", "寫道", "書きました", "님이 작성", "님이 작성하였습니다", "님이 쓴 글", "작성"),
)

# Between two rows of dashes, or alone on a line after "Begin".
ORIGINAL = (
    r"original (?:message|appointment|e-?mail)|forwarded (?:message|by[^-]{0,60})|reply message|reply to message|message d'origine|message original|message initial"
    r"|message (?:transféré|d.origine)|courriel original|mail original|ursprüngliche nachricht|original-?nachricht|weitergeleitete nachricht|originalmeldung|ursprungligt meddelande"
    r"|vidarebefordrat meddelande|originalmeddelande|oprindelig (?:meddelelse|besked)|videresendt (?:meddelelse|melding|besked)|opprinnelig melding|original melding"
    r"|oorspronkelijk bericht|origineel bericht|doorgestuurd bericht|mensaje (?:original|reenviado)|mensagem (?:original|encaminhada)"
    r"|messaggio (?:originale|inoltrato)|alkuperäinen viesti|välitetty viesti|oryginalna wiadomość|wiadomość oryginalna|wiadomość przekazana|wiadomość przesłana dalej"
    r"|původní (?:zpráva|e-mail)|přeposlaná zpráva|pôvodná správa|исходное сообщение|пересылаемое сообщение|пересланное сообщение|оригинальное сообщение"
    r"|eredeti üzenet|továbbított üzenet|mesaj original|orijinal (?:mesaj|ileti)|özgün ileti|iletilen mesaj|αρχικό μήνυμα|izvorna poruka|izvirno sporočilo"
    r"|tin nhắn gốc|الرسالة الأصلية|הודעה מקורית"
    r"|原始邮件|原始郵件|原邮件|转发邮件|轉寄郵件|邮件原件|元のメッセージ|転送メッセージ|オリジナルメッセージ|원본 메일|원본 메시지|전달된 메시지"
)

BEGIN = (
    r"begin forwarded message|start of forwarded message|anfang der weitergeleiteten (?:nachricht|e-mail)|début du message (?:réexpédié|transféré)|inicio del mensaje reenviado|inizio messaggio inoltrato"
    r"|begin doorgestuurd bericht|início da mensagem (?:encaminhada|reencaminhada)|vidarebefordrat brev|videresendt besked|videresendt melding|välitetty viesti alkaa"
    r"|początek przekazywanej wiadomości|začátek přeposílané zprávy|начало переадресованного сообщения|iletilen e-posta başlangıcı|下面是被转发的邮件|転送されたメッセージ|전달된 메시지 시작"
)

# The names of header lines a mail program writes above what it quotes, by what they stand for.
HEADER_NAMES = {
    "from": "from|von|de|da|van|fra|från|od|от|от кого|lähettäjä|gönderen|kimden|feladó|από|expéditeur|remitente|mittente|afzender|avsändare|avsender|afsender|absender|nadawca|odesílatel|odosielateľ|发件人|寄件者|寄件人|差出人|送信者|보낸 사람|보낸사람|발신|từ|מאת|من|dari",
    "sent": "sent|gesendet|gesendet am|envoyé|envoyé le|enviado|enviado el|enviada|enviada em|inviato|verzonden|skickat|sendt|wysłano|wysłane|odesláno|odoslané|lähetetty|отправлено|gönderme tarihi|gönderilme tarihi|gönderildi|küldve|elküldve|εστάλη|发送时间|发送日期|送信日時|寄件日期|보낸 날짜|보낸날짜|đã gửi|poslano|trimis|نشرت",
    "date": "date|datum|data|dato|fecha|päivämäärä|pvm|дата|tarih|dátum|ημερομηνία|日期|日時|날짜|ngày|תאריך|tanggal|time|heure",
    "to": "to|an|à|a|para|per|aan|til|till|do|dla|komu|кому|vastaanottaja|kime|alıcı|címzett|προς|destinataire|destinatario|destinatari|收件人|宛先|받는 사람|받는사람|đến|אל|إلى|kepada|reply-to|risposta|répondre à|beantwoorden - aan|antwort an",
    "cc": "cc|kopie|kopia|kopi|copie|copia|ccn|bcc|dw|копия|bilgi|másolatot kap|抄送|副本|참조|tillkopia|org|organization|organisation",
    "subject": "subject|betreff|objet|asunto|assunto|oggetto|onderwerp|emne|ämne|temat|předmět|predmet|aihe|тема|konu|tárgy|θέμα|subiect|主题|主旨|件名|标题|제목|chủ đề|tiêu đề|נושא|الموضوع|subjek|betrifft",
}

# Whole lines a device or program adds. What follows must be short and no sentence.
DEVICES = (
    r"sent (?:from|via|with)(?: my| an?| the)? .{2,60}|sent (?:by|on) (?:my |an? )?(?:galaxy|samsung|iphone|ipad|android|mobile|phone|tablet).{0,40}|sent from .{2,45} (?:on|for) .{2,30}|from my .{2,25}|[\w-]+ from mobile|get outlook for .{2,20}|(?:download|get) .{0,20}\bapp\b.{0,20}"
    r"|envoyé (?:depuis|de|à partir de) .{2,60}|obtenez outlook pour .{2,20}|télécharger outlook pour .{2,20}|von (?:meinem|mein) .{2,45} gesendet|gesendet (?:von|mit|über) .{2,60}|diese nachricht wurde von .{2,60} gesendet|(?:holen|laden) sie(?: sich)? outlook für .{2,20}|outlook für (?:ios|android) .{0,20}"
    r"|enviado (?:desde|do|de|a partir do|através de|con|via) .{2,50}|obtener outlook para .{2,20}|obter o outlook para .{2,20}|inviato (?:da|dal) .{2,45}|scarica outlook per .{2,20}|verzonden (?:vanaf|met|via) .{2,45}|verstuurd (?:vanaf|met|via) .{2,45}|outlook voor .{2,20} downloaden"
    r"|sendt fra .{2,45}|hent outlook (?:til|for) .{2,20}|skickat från .{2,45}|från min .{2,25}|hämta outlook för .{2,20}|lähetetty .{2,40}(?:sta|stä|lta|ltä)|hanki outlook .{2,20}|wysłan[eo] z .{2,45}|pobierz outlook .{2,25}|odesláno (?:z|ze) .{2,45}|odoslané z .{2,45}"
    r"|отправлено (?:с|из) .{2,45}|надіслано з .{2,45}|.{2,30}(?:ımdan|imden|umdan|ümden|dan|den) gönderildi|从我的.{2,20}发送|发自我的.{2,20}|來自我的.{2,20}|從我的.{2,20}(?:傳送|寄出)|.{2,20}から送信|나의 .{2,20}에서 보냄|내 .{2,20}에서 보냄|gửi từ .{2,30}|elküldve .{2,40}-(?:ról|ről|ból|ből)|trimis de pe .{2,30}"
)

# A closing formula alone on its line. Thanks are none: they are words of their own.
CLOSINGS = (
    r"(?:(?:with )?(?:my |our )?(?:very |many )?(?:best|kind|kindest|warm|warmest) ?(?:regards|wishes)|regards|(?:yours )?sincerely(?: yours)?|yours (?:truly|faithfully)|yours|all the best|cheers|best|kr|br|rgds)"
    r"|(?:mit )?(?:freundlich(?:en|e|em)|best(?:en|e)|lieb(?:en|e)|viel(?:en|e)|schön(?:en|e)|herzlich(?:en|e)|sonnige) (?:gr(?:ü|u|ue)(?:ß|ss|s)(?:en|e)?|gru(?:ß|ss))(?: (?:aus|von) .{1,30})?|mfg|lg|vg|hochachtungsvoll"
    r"|(?:bien )?cordialement|(?:meilleures|sincères|cordiales) salutations|bien à vous|bien à toi|amicalement|cdlt|(?:un )?(?:cordial )?saludos?(?: cordiales)?|atentamente|atte\.?|un abrazo"
    r"|(?:cordiali|distinti|cari|tanti) saluti|saluti|(?:com os )?(?:melhores )?cumprimentos|atenciosamente|abraços?|att\.?"
    r"|(?:met )?(?:vriendelijke|hartelijke|beste) groet(?:en)?|groet(?:en|jes)?|mvg|(?:de )?(?:med )?(?:venlig|vennlig|beste|bedste|kærlig)e? ?hils(?:en|ner)|hilsen|mvh|dbh|kh|vh|(?:med )?(?:vänliga|bästa) hälsningar|hälsningar|vänligen"
    r"|ystävällisin terveisin|parhain terveisin|terveisin|t\.|pozdrawiam(?: serdecznie)?|z poważaniem|pozdr\.?|s pozdravem|s úctou|s přáním (?:hezkého|pěkného) dne|s pozdravom"
    r"|с уважением|с наилучшими пожеланиями|з повагою|saygılarımla|saygılar(?:ımızla)?|iyi çalışmalar|üdvözlettel|tisztelettel|cu stimă|με εκτίμηση|lep pozdrav|trân trọng|敬具|よろしくお願いします|此致|祝好|敬礼|감사합니다|드림"
)

CONFIDENTIAL = (
    r"(?:this|the) (?:e-?mail|message|communication|information|content|transmission)[^\n]{0,160}(?:confidential|privileged|intended (?:only|solely))|(?:confidentiality|privacy|legal) (?:notice|note|statement)\b|disclaimer\s*:|caution\s*:|(?:private|privileged|confidential|important) (?:notice|information)\s*:"
    r"|diese e-?mail (?:enthält|kann|ist)[^\n]{0,120}vertraulich|(?:wichtiger )?hinweis\s*:\s*diese|ce (?:message|courriel|courrier)[^\n]{0,160}confidentiel|este (?:mensaje|correo|e-?mail)[^\n]{0,160}confidencia|esta mensagem[^\n]{0,160}confidencia|(?:questo messaggio|le informazioni)[^\n]{0,160}riservat|dit (?:bericht|e-?mail)[^\n]{0,160}vertrouwelijk"
)

# How the names of months begin.
MONTHS = (
    r"jan|feb|fév|mar|mär|maa|apr|avr|abr|huh|ma[ij]|toukok|jun|juin|kes|jul|juil|hei|aug|ao[uû]|ago|elo|sep|set|syy|o[ck]t|out|lok|nov|marras|de[czs]|déc|dic|joulu"
    r"|st[yu]|lut|kwi|cze|lip|sie|wrz|paź|paz|lis|gru|led|únor|bře|dub|květ|čer|srp|zář|říj|pro|янв|фев|мар|апр|ма[йя]|июн|июл|авг|сен|окт|ноя|дек|oca|şub|nis|haz|tem|ağu|eyl|eki|kas|ara|tháng|月|월|серп"
)
