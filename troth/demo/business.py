"""The owner's files of the business in the demo; they teach by their comments."""

from __future__ import annotations

from pathlib import Path

PASSWORD = "TROTH_DEMO_PASSWORD"  # noqa: S105 - the name of a variable
ACKNOWLEDGED_AFTER = 6.0
"""Seconds until a complaint is acknowledged: time enough for a colleague to answer first."""

TOLD_AFTER = 10.0
"""Seconds until colleagues hear of a complaint that nobody has answered."""

_CONFIG = """\
# The configuration of the demo. It is like one of your own, but for its two waiting times, which are seconds here,
# and its mail server, which was in the memory of the demo and is gone.
#
# `troth init DIR` writes a new one for your business, with every setting explained.

business:
  name: Harbour Print
  timezone: Europe/London
  hours: {{mon-thu: "09:00-12:30 13:30-17:30", fri: "09:00-15:00"}}   # letters say when you are open next
  languages: [en]
  domains: [harbour.example]            # every address there is ours

colleagues:
  - {{name: Ada Byron, address: ada@harbour.example, owner: true}}
  - {{name: Sam Fox, address: sam@harbour.example}}

inboxes:
  - name: hello
    address: hello@harbour.example
    mode: send                          # begin with observe: all is decided and shown, and nothing leaves
    imap: {{host: 127.0.0.1, port: {imap}, tls: none, username: hello, password: {{env: {password}}}}}
    smtp: {{host: 127.0.0.1, port: {smtp}, tls: none}}
    poll: 1 second                      # this server forgets to announce mail; 60 seconds suits real ones

store: sqlite:///state/troth.db         # what was seen, decided and sent: look with status, journal and letters
rules: [shipped:en]                     # then rules/ of your own
clients: clients.yaml
digest: none                            # in earnest: digest: {{to: owner, at: "17:00"}}, a mail a day

plans:
  complaint:
    # In earnest: after: 2 minutes. Nothing is sent if a colleague has answered by then.
    - {{letter: complaint/acknowledgement, after: {acknowledged:.0f} seconds, unless: [answered]}}
    # In earnest: after: 2 business hours, and again 45 minutes before closing.
    - {{tell: assignee, with: colleague/waiting, after: {told:.0f} seconds, unless: [answered], hours: any}}
    - {{letter: complaint/put-right, after: 3 business days, since: answered, unless: [client wrote]}}
  praise:
    - {{letter: praise/thank-you}}
    - {{letter: praise/what-could-be-better, after: 5 business days, unless: [client wrote]}}
  mixed:                                # praise and complaint in one mail
    - {{letter: mixed/acknowledgement, after: {acknowledged:.0f} seconds, unless: [answered]}}
    - {{tell: assignee, with: colleague/waiting, after: {told:.0f} seconds, unless: [answered], hours: any}}
"""

_CLIENTS = """\
# What the owner knows of clients. Everything but `addresses` may be left out.

- name: Jo Marsh
  company: Marsh & Co
  addresses: [jo@marsh.example]
  greeting: Jo                          # "Dear Jo"; nobody's first name is guessed
  stage: friend
  notes: wants proofs by post           # colleagues read this when they are told of a complaint
"""


def write(folder: Path, imap_port: int, smtp_port: int) -> Path:
    """Write config.yaml and clients.yaml into a folder; gives the path of config.yaml."""
    words = {"imap": imap_port, "smtp": smtp_port, "password": PASSWORD}
    config = folder / "config.yaml"
    config.write_text(_CONFIG.format(**words, acknowledged=ACKNOWLEDGED_AFTER, told=TOLD_AFTER), encoding="utf-8")
    (folder / "clients.yaml").write_text(_CLIENTS, encoding="utf-8")
    return config
