"""The whole path in a real browser: a need typed without diacritics, up to the introduction."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.demonstration import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FIRM = "Suối Rạc"
TITLE = "Biet truoc hong hoc may quay trong xuong"
SOLUTION = "Giám sát rung, dòng điện và học máy để biết trước hỏng hóc máy quay"
NEED = {
    "title": TITLE,
    "summary": "Xuong can giam sat rung va dong dien de biet truoc hong hoc bom, truc chinh.",
    "problem": (
        "Bom va hop so cua xuong hay hong bat ngo, moi lan dung may mat hai ngay. Tho chi nghe "
        "tieng rung de doan. Xuong can bo cam bien gan ngoai va phan mem chan doan, chay khong can "
        "internet."
    ),
    "requirements-0-text": "Bao truoc hong hoc it nhat 5 ngay",
    "requirements-1-text": "Khong can ket noi internet",
    "interest_until": "31/12/2027",
}
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 900}

Enter = Callable[..., Page]


@pytest.fixture
def enter(browser: Browser, site: str) -> Iterator[Enter]:
    """Sign an account in, in a browser of its own."""
    opened = []

    def sign_in(account: str, *, phone: bool = False, scripts: bool = True) -> Page:
        context = browser.new_context(
            viewport=PHONE if phone else DESKTOP, locale="vi-VN", base_url=site,
            java_script_enabled=scripts,
        )  # fmt: skip
        opened.append(context)
        page = context.new_page()
        page.goto("/account/sign-in")
        page.locator("[name=email]").fill(f"{account}@demo.example")
        page.locator("[name=password]").fill(PASSWORD)
        page.locator("main form button").last.click()
        page.goto("/")
        return page

    yield sign_in
    for context in opened:
        context.close()


def fill(page: Page, values: dict[str, str]) -> None:
    for name, value in values.items():
        page.locator(f"[name='{name}']").fill(value)
    page.locator("[name=help]").first.check()


def press(page: Page, name: str, value: str) -> None:
    page.locator(f"button[name={name}][value={value}]:not(.default-button)").first.click()


def fits(page: Page) -> None:
    """Nothing sticks out at the side of a phone."""
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def notices(page: Page) -> str:
    page.goto("/work/notices")
    return page.locator("main").inner_text()


def test_from_a_need_without_diacritics_to_the_introduction(
    enter: Enter, album: Path | None
) -> None:
    def keep(page: Page, name: str) -> None:
        if album:
            page.screenshot(path=str(album / f"{name}.png"), full_page=True)

    firm, school, curator = enter("enterprise", phone=True), enter("school"), enter("curator")

    # The firm posts its need from a phone.
    firm.goto("/needs/new")
    fill(firm, NEED)
    fits(firm)
    keep(firm, "01-need-typed")
    press(firm, "do", "send")
    expect(firm.locator("h1")).to_contain_text(TITLE)
    need = firm.url
    fits(firm)
    keep(firm, "02-need-sent")

    # Strangers do not see it yet.
    assert school.goto(need).status == 404

    # A curator reads and publishes it.
    curator.goto("/desk/reviews")
    curator.get_by_role("link", name=TITLE).first.click()
    keep(curator, "03-review")
    press(curator, "action", "publish")

    # Published, it is open to read, and names nobody.
    assert school.goto(need).status == 200
    expect(school.locator("main")).not_to_contain_text(FIRM)
    expect(school.locator("main")).to_contain_text("ẩn danh", ignore_case=True)
    keep(school, "04-need-read-by-the-school")

    # The solution is found although the need was typed bare; the evidence stands beside it.
    curator.goto("/desk/needs/" + need.rsplit("/", 1)[1])
    curator.locator("form[action$='/runs'] button").click()
    curator.locator("details.folded").first.evaluate("fold => fold.open = true")
    curator.locator("aside").get_by_role("link", name=re.compile(re.escape(SOLUTION))).first.click()
    expect(curator.locator("main h2").first).to_contain_text(SOLUTION)
    keep(curator, "05-match-queue")
    press(curator, "ruling", "shortlist")
    curator.get_by_role("link", name=re.compile(re.escape(SOLUTION))).first.click()
    press(curator, "ruling", "propose")
    keep(curator, "06-proposed")

    # Both owners are told, and say yes. Until both did, the school does not learn the firm's name.
    assert TITLE in notices(firm)
    assert SOLUTION in notices(school)
    for page, name in ((firm, "07-firm-asked"), (school, "08-school-asked")):
        page.goto("/work/")
        page.get_by_text(TITLE).first.wait_for()
        page.locator("a[href*='/matches/']").first.click()
        if page is school:
            expect(page.locator("main")).not_to_contain_text(FIRM)
        keep(page, name)
        press(page, "ruling", "accept")

    # Introduced: each sees whom to call.
    for page, other, name in ((firm, "Đại học", "09-firm"), (school, FIRM, "10-school")):
        page.goto("/work/")
        page.locator("a[href*='/engagements/']", has_text=TITLE).first.click()
        expect(page.locator("main")).to_contain_text(other)
        expect(page.locator("main")).to_contain_text("@")
        keep(page, f"{name}-introduced")
    fits(firm)


def test_a_need_is_posted_without_javascript(enter: Enter) -> None:
    page = enter("enterprise", phone=True, scripts=False)
    page.goto("/needs/new")
    fill(page, NEED | {"title": "Bom hong bat ngo, khong co ma kich ban"})
    press(page, "do", "send")
    # The same firm has a need that reads alike: it is asked once, and may go on.
    expect(page.locator("h1")).to_contain_text("Có thể đã có bản ghi giống")
    page.get_by_role("button", name="Vẫn gửi, đây là nhu cầu khác").click()
    expect(page.locator("h1")).to_contain_text("khong co ma kich ban")


def test_what_was_typed_wrong_stays_and_is_named(enter: Enter) -> None:
    page = enter("enterprise", phone=True)
    page.goto("/needs/new")
    page.locator("[name=title]").fill("Chi co tieu de")
    press(page, "do", "send")
    expect(page.locator("#error-summary")).to_be_visible()
    expect(page.locator("[name=title]")).to_have_value("Chi co tieu de")
    fits(page)
