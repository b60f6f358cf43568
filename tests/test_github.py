"""What GitHub reads: workflows, issue forms, the check of a release."""

import json
import os
from pathlib import Path
import re
import subprocess
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parent.parent
GITHUB = ROOT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
FORMS = sorted({*(GITHUB / "ISSUE_TEMPLATE").glob("*.yml")})
# These have no versions: their branch is how they are published.
BRANCHES = {"home-assistant/actions/hassfest@master", "hacs/action@main"}
FIELDS = {"markdown", "textarea", "input", "dropdown", "checkboxes"}
VERSION = json.loads(
    (ROOT / "custom_components" / "lantern" / "manifest.json").read_text()
)["version"]


def read(path: Path) -> dict[Any, Any]:
    """Return a file's YAML."""
    form: dict[Any, Any] = yaml.safe_load(path.read_text())
    return form


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_workflow(path: Path) -> None:
    """A workflow may only read, ends by itself, and runs what is there."""
    workflow = read(path)
    # YAML takes "on" for a truth.
    assert {"name", True, "permissions", "jobs"} <= set(workflow)
    assert workflow["permissions"] == {"contents": "read"}
    for name, job in workflow["jobs"].items():
        assert job["timeout-minutes"] <= 60, name
        for step in job["steps"]:
            assert ("uses" in step) != ("run" in step), step
            if used := step.get("uses"):
                assert re.search(r"@v\d+$", used) or used in BRANCHES, used
            script = step.get("run", "")
            # What others wrote reaches a shell as a variable only.
            assert "${{" not in script
            if re.fullmatch(r"[\w./]+", script):
                assert os.access(ROOT / script, os.X_OK), script


def test_everything_is_checked() -> None:
    """Tests, lint, hassfest and HACS run for each change; a release may write."""
    steps = {
        step.get("uses") or step.get("run")
        for path in WORKFLOWS
        if "pull_request" in read(path)[True]
        for job in read(path)["jobs"].values()
        for step in job["steps"]
    }
    readme = {"scripts/demo --check", "scripts/test"}
    assert {".ci/run", "scripts/lint", *readme, *BRANCHES} <= steps
    release = read(GITHUB / "workflows" / "release.yml")
    assert list(release[True]) == ["release"]
    (job,) = release["jobs"].values()
    assert job["permissions"] == {"contents": "write"}


@pytest.mark.parametrize(
    ("tag", "passes"), [(f"v{VERSION}", True), (VERSION, False), ("v99.0.0", False)]
)
def test_release(tag: str, passes: bool) -> None:
    """A release whose tag is not the manifest's version is stopped."""
    (job,) = read(GITHUB / "workflows" / "release.yml")["jobs"].values()
    (check,) = [step for step in job["steps"] if "manifest.json" in step.get("run", "")]
    done = subprocess.run(
        ["bash", "-e", "-c", check["run"]],
        cwd=ROOT,
        env=os.environ | {"TAG": tag},
        capture_output=True,
        check=False,
    )
    assert (done.returncode == 0) == passes, done.stderr


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_issue_form(path: Path) -> None:
    """A form has what GitHub wants; the configuration tells of security."""
    form = read(path)
    if path.stem == "config":
        assert form["blank_issues_enabled"] is False
        assert any(
            contact_link["url"].endswith("/security/policy")
            for contact_link in form["contact_links"]
        )
        assert all(
            {"name", "url", "about"} == set(contact_link)
            for contact_link in form["contact_links"]
        )
        return
    assert {"name", "description", "body"} <= set(form)
    asked = [item for item in form["body"] if item["type"] != "markdown"]
    assert asked
    assert {item["type"] for item in form["body"]} <= FIELDS
    assert len({item["id"] for item in asked}) == len(asked)
    for item in asked:
        assert item["attributes"]["label"]
        if item["type"] == "dropdown":
            options = item["attributes"]["options"]
            assert len(set(options)) == len(options)
