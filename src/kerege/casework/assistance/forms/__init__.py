"""Forms of assistance. No field asks for a status, a citizenship or a criminal case."""

from __future__ import annotations

from kerege.casework.assistance.forms.care import BEGUN, EndServiceForm, ServiceForm
from kerege.casework.assistance.forms.consents import ConsentForm
from kerege.casework.assistance.forms.handovers import CaseloadForm, EndTransferForm, HandoverAnswerForm, TransferForm
from kerege.casework.assistance.forms.referrals import (
    AnswerForm,
    AssignReferralForm,
    InboxForm,
    OfferForm,
    ReferralForm,
    ShareForm,
    WithdrawReferralForm,
)
from kerege.casework.assistance.forms.shared import LONGEST, ConsentField, agencies

__all__ = [
    "BEGUN",
    "LONGEST",
    "AnswerForm",
    "AssignReferralForm",
    "CaseloadForm",
    "ConsentField",
    "ConsentForm",
    "EndServiceForm",
    "EndTransferForm",
    "HandoverAnswerForm",
    "InboxForm",
    "OfferForm",
    "ReferralForm",
    "ServiceForm",
    "ShareForm",
    "TransferForm",
    "WithdrawReferralForm",
    "agencies",
]
