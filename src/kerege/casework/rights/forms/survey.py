"""Form of the five questions at the end."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kerege.vocabulary import codes
from kerege.web.forms import CodeChoiceField, Form
from kerege.web.templatetags.kerege import code

QUESTIONS = tuple(codes.code_list("survey_question").codes)


class SurveyForm(Form):
    """Form of the answers, copied from the sheet that the person filled in."""

    moment = CodeChoiceField("survey_moment", label=_("When the questions were asked"), required=True, states=False)
    safe = CodeChoiceField("survey_answer", states=("refused",))
    informed = CodeChoiceField("survey_answer", states=("refused",))
    decided = CodeChoiceField("survey_answer", states=("refused",))
    helped = CodeChoiceField("survey_answer", states=("refused",))
    respected = CodeChoiceField("survey_answer", states=("refused",))

    def name_questions(self) -> SurveyForm:
        """Label the five fields with the questions in the active language; return the form."""
        for name in QUESTIONS:
            self.fields[name].label = code(name, "survey_question")
        return self
