"""What was typed survives a reload, is offered back, and is gone once it was saved."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.demonstration import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.slow]

OFFER = "[data-draft-offer]"


@pytest.fixture
def page(browser: Browser, site: str) -> Iterator[Page]:
    """The enterprise, signed in on a phone."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, base_url=site)
    page = context.new_page()
    page.on("dialog", lambda dialog: dialog.accept())
    enter(page)
    yield page
    context.close()


def enter(page: Page, account: str = "enterprise") -> None:
    page.goto("/account/sign-in")
    page.locator("[name=email]").fill(f"{account}@demo.example")
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("main form button").last.click()
    page.wait_for_url("**/work/")


def kept(page: Page) -> list[str]:
    return page.evaluate("Object.values(localStorage)")


def wait_until_kept(page: Page, text: str) -> None:
    """What is typed is kept a moment later, and later still on a busy machine."""
    for _ in range(200):
        if any(text in one for one in kept(page)):
            return
        page.wait_for_timeout(50)
    pytest.fail(f"not kept: {text}")


def test_what_was_typed_comes_back_after_a_reload(page: Page) -> None:
    page.goto("/needs/new")
    expect(page.locator(OFFER)).to_be_hidden()
    page.locator("[name=title]").fill("Sấy tiêu không mốc")
    page.locator("[name=requirements-1-text]").fill("Độ ẩm dưới 12 %")
    page.locator("button[name=add_row]").click()
    page.locator("[name=requirements-2-text]").fill("Mẻ 500 kg")
    page.locator("button[value=requirements-0]").click()  # the first row is given up
    page.locator("[name=help]").nth(1).check()
    page.locator("details.folded summary").click()
    page.locator("[name=confidential_detail]").fill("Công thức bí mật")
    page.locator("[name=situation]").fill("Đang phơi sân")
    wait_until_kept(page, "Đang phơi sân")

    page.goto("/work/")
    page.goto("/needs/new")

    expect(page.locator(OFFER)).to_be_visible()
    expect(page.locator("[name=title]")).to_have_value("")
    page.locator("[data-draft-take]").click()
    expect(page.locator("[name=title]")).to_have_value("Sấy tiêu không mốc")
    expect(page.locator("[name=requirements-0-text]")).to_have_value("Độ ẩm dưới 12 %")
    expect(page.locator("[name=requirements-1-text]")).to_have_value("Mẻ 500 kg")
    expect(page.locator("[name=help]").nth(1)).to_be_checked()
    expect(page.locator("[name=anonymous]")).to_be_checked()
    expect(page.locator("[name=situation]")).to_be_visible()
    expect(page.locator("[name=situation]")).to_have_value("Đang phơi sân")
    # Text under an agreement is never left in a browser.
    assert not any("bí mật" in text for text in kept(page))
    expect(page.locator("[name=confidential_detail]")).to_have_value("")

    page.locator("button[name=do][value=keep]:not(.default-button)").click()
    expect(page.locator("[data-saved]")).to_be_visible()
    assert kept(page) == []
    page.goto("/needs/new")
    expect(page.locator(OFFER)).to_be_hidden()


def test_refused_form_keeps_its_text_until_it_is_saved(page: Page) -> None:
    page.goto("/needs/new")
    page.locator("[name=title]").fill("Chỉ có tiêu đề")
    page.locator("button[name=do][value=send]").click()
    expect(page.locator("#error-summary")).to_be_visible()
    expect(page.locator(OFFER)).to_be_hidden()  # the page itself still holds it

    page.goto("/needs/new")
    page.locator("[data-draft-take]").click()
    expect(page.locator("[name=title]")).to_have_value("Chỉ có tiêu đề")

    page.reload()
    page.locator("[data-draft-drop]").click()
    assert kept(page) == []
    page.reload()
    expect(page.locator(OFFER)).to_be_hidden()


def test_text_is_for_its_writer_only_and_goes_with_him(page: Page) -> None:
    page.goto("/needs/new")
    page.locator("[name=title]").fill("Của riêng tôi")
    wait_until_kept(page, "Của riêng tôi")
    page.context.clear_cookies()
    enter(page, "school")
    page.goto("/needs/new")
    expect(page.locator(OFFER)).to_be_hidden()

    page.locator("[data-menu] summary").click()
    page.locator("form[data-forget] button").click()
    page.wait_for_load_state()
    assert kept(page) == []
