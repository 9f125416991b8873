"""The steps of a release, in order: ``latest`` moves only when everything before it is proven."""

from collections.abc import Mapping

from ..snapshots.snapshot import Mode
from ..step import ReleaseStep
from . import (
    check,
    compare,
    draft,
    generate,
    latest,
    notify,
    pack,
    plan,
    promote,
    pushed,
    rehearse,
    stage,
    test,
    upload,
    verify,
)

_UPLOADED = (
    ReleaseStep("check", check.run),
    ReleaseStep("compare", compare.run),
    ReleaseStep("plan", plan.run),
    ReleaseStep("rehearse", rehearse.run),
    ReleaseStep("generate", generate.run),
    ReleaseStep("pack", pack.run),
    ReleaseStep("test", test.run),
    ReleaseStep("upload", upload.run, publishes=True),
    ReleaseStep("verify", verify.run),
)
_VISIBLE = (
    ReleaseStep("promote", promote.run, publishes=True),
    ReleaseStep("latest", latest.run, publishes=True),
    ReleaseStep("notify", notify.run),
)
#: Those of a publish, which is a push and a promotion.
STEPS = (*_UPLOADED, *_VISIBLE)
#: Those of its parts, and of a draft. What a promotion moves, it finds under the name of the step that packed
#: it.
PARTS: Mapping[Mode, tuple[ReleaseStep, ...]] = {
    "push": (*_UPLOADED, ReleaseStep("stage", stage.run, publishes=True)),
    "promote": (ReleaseStep("pack", pushed.run), *_VISIBLE),
    "draft": (*_UPLOADED, ReleaseStep("draft", draft.run, publishes=True)),
}
