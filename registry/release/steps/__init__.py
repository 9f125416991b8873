"""The steps of a release, in order: ``latest`` moves only when everything before it is proven."""

from ..step import Step
from . import check, compare, generate, latest, notify, pack, plan, rehearse, test, upload, verify

STEPS = (
    Step("check", check.run),
    Step("compare", compare.run),
    Step("plan", plan.run),
    Step("rehearse", rehearse.run),
    Step("generate", generate.run),
    Step("pack", pack.run),
    Step("test", test.run),
    Step("upload", upload.run),
    Step("verify", verify.run),
    Step("latest", latest.run),
    Step("notify", notify.run),
)
