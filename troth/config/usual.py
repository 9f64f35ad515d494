"""The plans of a business whose config.yaml has none."""

from __future__ import annotations

from troth.config.located import parse_yaml
from troth.plan import Plans, read_plans

PLANS = """\
complaint:
  - {letter: complaint/acknowledgement, after: 2 minutes, unless: [answered]}
  - {tell: owner, with: colleague/severe, only: {severity: [high]}, unless: [answered], hours: any}
  - {tell: assignee, with: colleague/waiting, after: 2 business hours, unless: [answered]}
  - {tell: owner, with: colleague/before-close, before_close: 45 minutes, unless: [answered]}
  - {tell: owner, with: colleague/overnight, at: opening, unless: [answered]}
  - {tell: owner, with: colleague/waiting, after: 2 business days, unless: [answered]}
  - {tell: everyone, with: colleague/waiting, after: 4 business days, unless: [answered]}
  - {letter: complaint/put-right, after: 3 business days, since: answered, unless: [client wrote]}
  - {letter: complaint/check-in, after: 30 days, since: settled, unless: [client wrote]}
praise:
  - {letter: praise/thank-you}
  - {letter: praise/what-could-be-better, after: 5 business days, unless: [client wrote]}
mixed:
  - {letter: mixed/acknowledgement, after: 2 minutes, unless: [answered]}
  - {tell: owner, with: colleague/severe, only: {severity: [high]}, unless: [answered], hours: any}
  - {tell: assignee, with: colleague/waiting, after: 2 business hours, unless: [answered]}
  - {tell: owner, with: colleague/before-close, before_close: 45 minutes, unless: [answered]}
  - {tell: owner, with: colleague/overnight, at: opening, unless: [answered]}
  - {tell: owner, with: colleague/waiting, after: 2 business days, unless: [answered]}
  - {tell: everyone, with: colleague/waiting, after: 4 business days, unless: [answered]}
  - {letter: complaint/put-right, after: 3 business days, since: answered, unless: [client wrote]}
promise:
  - {tell: assignee, with: colleague/promise-due, before_due: 4 business hours, unless: [kept]}
  - {tell: owner, with: colleague/promise-late, since: due, unless: [kept]}
"""


def usual_plans() -> Plans:
    node, _ = parse_yaml(PLANS, "the usual plans")
    assert node is not None  # noqa: S101 -- a constant of this module, read by its tests
    return read_plans(node)[0]
