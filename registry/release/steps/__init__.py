"""The steps of a release, in order: ``latest`` moves only when everything before it is proven."""

from ..step import ReleaseStep
from . import check, compare, generate, latest, notify, pack, plan, rehearse, test, upload, verify

STEPS = (
    ReleaseStep("check", check.run),
    ReleaseStep("compare", compare.run),
    ReleaseStep("plan", plan.run),
    ReleaseStep("rehearse", rehearse.run),
    ReleaseStep("generate", generate.run),
    ReleaseStep("pack", pack.run),
    ReleaseStep("test", test.run),
    ReleaseStep("upload", upload.run),
    ReleaseStep("verify", verify.run),
    ReleaseStep("latest", latest.run),
    ReleaseStep("notify", notify.run),
)
