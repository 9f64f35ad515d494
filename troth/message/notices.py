"""The words by which programs give themselves away: bounces, and notices of absence. Data, no code."""

# ruff: noqa: E501  # one language, or one family of words, to a line

from __future__ import annotations

POSTMASTERS = r"(?:mailer[-_.]?daemon|mail[-_ ]?daemon|post[-_.]?master|postoffice|mail[-_ ]?delivery|mailerdaemon|bounces?|smtp[-_]?daemon|mmdf|mail-?system|pmdf|uucp|maildeliverysystem|microsoftexchange[0-9a-f]{6,}|ntmail|mdaemon|daemon|mailadmin|majordomo-?owner|nondelivery|mail\.?router)(?:[+=.-].*)?@"

POSTMASTER_NAMES = r"mail delivery|delivery (?:sub)?system|mailer[- ]?daemon|postmaster|mail administrator|system administrator|systemadministrator|mail system|internet mail service|microsoft exchange|e-?mail system|administrador del sistema|administrateur syst"

UNDELIVERED_SUBJECTS = (
    r"(?<!\w)(?:undeliver(?:able|ed)|un-?delivered|non-?deliver(?:y|able)|not delivered|(?:could )?not (?:be )?deliver(?:ed)?|undelivered mail|delivery (?:status )?(?:notification|report|failure|failed|error|has failed|problem|unsuccessful)"
    r"|delivery[- ]failure|(?:mail|message|e-?mail) (?:delivery|system|status|not|could|undeliver|rejected|bounced?)|failure notice|failed (?:mail|delivery|message|e-?mail)|fail(?:ed|ure)? (?:to|in) deliver\w*|fail(?:ed|ure) delivery|returned (?:mail|to sender|e-?mail|message)|mail (?:returned|failure|error|failed)|returning message|return(?:ed)? (?:undeliverable|to)|rejected (?:mail|message|posting|e-?mail)|bounced? (?:mail|message|e-?mail)|unable to deliver|unzustellbar|nicht zustellbar|unzustellbarkeit|zustellung|übermittlungsstatus|mail konnte nicht|fehlgeschlagen|nachricht (?:nicht|unzu)"
    r"|non remis|échec de (?:la )?(?:remise|distribution|livraison)|notification (?:d.échec|d.état de remise)|impossible de remettre|non recapitabile|mancato recapito|notifica dello stato|impossibile (?:recapitare|consegnare)|no se (?:pudo|puede|ha podido) (?:entregar|enviar)|no se puede entregar|error de entrega|fallo de entrega|devuelto|correo devuelto|não (?:entreg|pôde|foi possível)|mensagem devolvida|falha (?:na|de) entrega|niet (?:bezorgd|afgeleverd|te bestellen)|onbestelbaar|kunne ikke leveres|kunde inte levereras|går inte att leverera|ei voitu toimittaa|niedostarczon\w+|nie można dostarczyć|nedoručiteln\w+|недоставлен\w+|не доставлен\w+|не удалось доставить|недостав\w+"
    r"|user unknown|unknown user|unknown recipient|mailbox full|over quota|quota exceeded|mail transfer|mail could not|nondeliverable|dsn:|ndn:|ndr:|warning: (?:could not send|message)|error sending|hello, your mail|problem(?:s)? delivering|couldn.t deliver|no such user|address (?:unknown|not found)|blocked by|returned:|your message (?:could|was|to|did|cannot|has)|配信|送信不能|配信不能|送達|エラー|退信|退件|无法投递|无法送达|投递失败|系统退信|반송|전송 실패|배달|テスト送信エラー)"
)

UNDELIVERED = (
    r"(?:this is|i am|i'm) (?:the|an?) (?:\w+ ){0,4}(?:qmail|mail (?:system|delivery)|mail program|postfix|mailer|automatically generated delivery)|created automatically by (?:the )?(?:mail|smtp)|automatically generated (?:\w+ )?(?:delivery|from|email to notify)"
    r"|(?:could|can|was|were|has|have|is|are)(?:n.t| ?not)(?: been| be)? (?:successfully )?deliver(?:ed|able)?|could ?n[o']t (?:deliver|be delivered|send)|unable to (?:successfully )?(?:deliver|be delivered)|fail(?:ed|ure|ing)? to (?:deliver|reach|be delivered)|delivery (?:to|of|has|attempt|failed|failure|status|error)\b.{0,80}(?:fail|error|not|permanent|impossible|aborted|following)|undeliverable|undelivered|did not reach|(?:not|never) reach(?:ed)? (?:the|its|some)|message (?:was|has been|is being|could|cannot|you sent|that you)\b.{0,80}(?:return|reject|bounce|deliver|refus|block|not)"
    r"|permanent (?:fatal )?error|fatal errors|returned (?:to sender|mail|message|below)|user unknown|unknown user|no such (?:user|address|mailbox|recipient|person|account)|mailbox (?:is )?(?:full|unavailable|disabled|not found|exceed\w*|size)|over ?quota|quota exceeded|exceeded (?:his|her|its|the|their) (?:\w+ )?(?:quota|limit|storage)|recipient (?:address )?(?:rejected|unknown|not found)|account (?:is |has been )?(?:disabled|inactive|closed|suspended|not (?:exist|active))|does ?n[o']t (?:exist|have an? )|not a (?:valid|known) (?:user|recipient|address)|invalid (?:recipient|user|address|mailbox)|unrouteable|unroutable|unknown (?:recipient|address|or illegal alias|local)|transaction failed|relay(?:ing)? (?:denied|access|not)|(?:address|recipient|user|mailbox|addressee|host)s? (?:not|un)(?: |-)?(?:known|found|valid|listed)|host (?:unknown|not found|or domain)|name server|connection (?:refused|timed out)|final recipient|action: failed|hop count|too many hops|mail loop"
    r"|unzustellbar|nicht zugestellt|konnte(?:n)? nicht|n.a pas (?:pu|été)|non (?:è stato possibile|recapitat)|no (?:se )?(?:pudo|ha podido|puede) (?:ser )?entreg|não (?:pôde|foi)|配信|送信できませんでした|見つかりません|届け|无法|退回|未能"
)

AWAY_SUBJECTS = (
    r"^\W*(?:(?:re|aw|antw|sv|vs|fwd?)\s*:\s*)?\W*(?:auto(?:mat(?:ic|ed|isch\w*|ique|isk\w*|ico|ica|yczn\w+|ická))?[ -_]*(?:re(?:ply|sponse|sponder)|answer|antwort\w*|antwoord|reactie|svar|vastaus|odpowied\w+|odpověď|respuesta|resposta|risposta|email reply)\b|auto\s?:|autore(?:ply|sponse)|out[- ]of[- ](?:the[- ])?office|ooo\b|oof\b|i am (?:on (?:vacation|holiday|leave)|away|out of)|(?:i'm|i am) (?:currently )?(?:away|out of)|away (?:from|until)|vacation (?:reply|message|notice|response)|holiday (?:notice|reply)"
    r"|abwesen(?:d|heit)\w*|außer haus|ich bin (?:im urlaub|nicht im|abwesend)|automatische (?:antwort|abwesenheit|eingangs)\w*|automatisch(?:e|es)? (?:antwoord|bericht)|r[ée]ponse automatique|(?:notification|message) d.absence|absent du bureau|respuesta autom[áa]tica|fuera de (?:la )?oficina|risposta automatica|fuori (?:ufficio|sede)|resposta autom[áa]tica|fora do escrit[óo]rio|automatisch antwoord|afwezig(?:heid)?\w*|niet aanwezig|autosvar|automatisk(?:t)? svar|fravær\w*|ikke på kontoret|inte på kontoret|automaattinen vastaus|odpowiedź automatyczna|autoodpowiedź|nieobecno\w+|poza biurem|automatická odpověď|nepřítomn\w+|mimo kancelář|автоматический ответ|автоответ\w*|вне офиса|otomatik (?:yanıt|cevap)|ofis dışında|automatikus válasz|házon kívül|自動(?:返信|応答|回复|回覆)|自动(?:回复|答复)|不在(?:通知|のお知らせ)|자동 ?(?:응답|회신)|부재중|urlaubs(?:meldung|nachricht|vertretung)|absence (?:notice|note)"
    r"|(?:on (?:vacation|holiday|annual leave|maternity leave|leave)|absent|absence|urlaub|im urlaub|en vacances|en congés?|ausente|de vacaciones|assente|assenza|in ferie|férias|ausência|op vakantie|semester|frånvarande|fraværende|poissa|lomalla|urlop|na urlopie|в отпуске|отсутствие|休假)(?=\W*$|\W{1,3}(?:until|till|bis|jusqu|hasta|fino|até|tot|til|till|t\.o\.m|do|до)\b))"
)

AWAY = (
    r"(?:i am|i'm|i will be|i'll be|we are)\b[^.\n]{0,50}?\b(?:out of (?:the |my )?office|away from (?:the|my) (?:office|desk|e-?mail)|on (?:vacation|annual leave|maternity leave|parental leave|holiday|leave)|not in the office)|currently (?:out of|away from) (?:the|my) (?:office|desk)|(?:this is an )?(?:auto(?:matic|mated)?|automatically generated)[ -](?:reply|response|message|answer)\b|thank you for your (?:e-?mail|message)[^\n]{0,80}(?:out of|away|on leave)|(?:limited|no) access to (?:my )?e-?mail"
    r"|ich (?:bin|befinde mich)(?:[^.\n]|(?<=\d)\.){0,80}?(?:nicht im (?:büro|haus)|im urlaub|abwesend|außer haus|nicht erreichbar|wieder (?:im büro|erreichbar))|je suis[^.\n]{0,60}(?:absent|en congé|en vacances)|estoy[^.\n]{0,40}(?:fuera de la oficina|de vacaciones|ausente)|sono[^.\n]{0,40}(?:fuori (?:ufficio|sede)|in ferie|assente)|estou[^.\n]{0,40}(?:fora do escrit|de férias|ausente)|ik ben[^.\n]{0,50}(?:afwezig|op vakantie|niet (?:op kantoor|aanwezig))|jeg er[^.\n]{0,40}(?:ikke på kontoret|på ferie|fraværende)|jag är[^.\n]{0,40}(?:inte på kontoret|på semester|frånvarande)|olen[^.\n]{0,40}(?:poissa|lomalla)|(?:jestem|będę)[^.\n]{0,40}(?:nieobecn|na urlopie|poza biurem)|jsem[^.\n]{0,40}(?:mimo kancelář|na dovolené|nepřítom)|нахожусь[^.\n]{0,40}(?:в отпуске|вне офиса)|休暇|不在にして|אני בחופש|איני במשרד|אני מחוץ למשרד|أنا خارج المكتب|i am (?:currently )?away\b"
)

RETURNED = r"^[->\s*|=_#]{0,12}(?:(?:this is a copy of |below (?:this line )?(?:is|are) |the (?:text|header|first).{0,30}of )?(?:the |your |a copy of )?(?:original|old|returned|unsent|undelivered|failed|rejected|bounced) (?:message|mail|header|text|e-?mail)|message (?:header|text|follows|contents)|headers? (?:from|of|follow)|included is a copy|---+ ?(?:transcript|original|message))"

# What may stand before the words of absence in a notice: a greeting, a thanks for the mail, one after the other.
BEFORE_AWAY = (
    r"\W*(?:(?:hi|hello|hey|dear|good (?:morning|afternoon|evening|day)|greetings|to whom it may concern|hallo|guten (?:tag|morgen)|liebe[rs]?|sehr geehrte[rs]?|bonjour|hola|ciao|hej|salve|buongiorno|olá|beste|geachte)\b[^.!?\n]{0,60}[,.!:]?\s*"
    r"|(?:many )?(?:thanks?|thank you)(?: very much)? for (?:your|the|contacting|getting|writing|e-?mailing)\b[^.!?\n]{0,60}[,.!]?\s*|(?:vielen|herzlichen|besten) dank\b[^.!?\n]{0,60}[,.!]?\s*|danke (?:für|fuer)\b[^.!?\n]{0,60}[,.!]?\s*|merci\b[^.!?\n]{0,60}[,.!]?\s*|gracias\b[^.!?\n]{0,60}[,.!]?\s*|grazie\b[^.!?\n]{0,60}[,.!]?\s*"
    r"|(?:please note|unfortunately|sorry|just to let you know|be advised)[^.!?\n]{0,20}[,:]?\s*|(?:currently|derzeit|leider|momentan),?\s*){0,4}"
)

# What nobody leaves behind in a notice of absence.
BUSINESS = (
    r"\b(?:still|broken|damaged|smudged|refund\w*|complain\w*|wrong|missing|late|faulty|defective|unacceptable|disappointed|unhappy|my (?:order|money|parcel|delivery|invoice|flyers|account)|the (?:order|parcel|delivery|invoice|refund)|has(?:n't| not) (?:come|arrived)|haven't|not (?:come|arrived|received|working)"
    r"|kaputt|beschädigt|falsch|fehlt|reklam\w*|bestellung|lieferung|rechnung|immer noch)\b"
)

# How a mail system says that it has not given up.
STILL_TRYING = r"\bdelay(?:ed)?\b|\bwarning\b|\bwill (?:be retried|be re-?attempted|keep trying|continue|retry|try again)|\bstill (?:trying|being)|\bnot yet (?:been )?delivered|\bdo not need to (?:resend|send)|\bverzögert|\bweiter(?:hin)? versucht"
