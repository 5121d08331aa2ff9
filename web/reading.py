"""The pages that only read: caseload, orders, people, court diary, reports and help."""

from web import caseload_pages, diary_pages, help_pages, order_pages, people_pages, report_pages

_PAGES = (caseload_pages, order_pages, people_pages, diary_pages, report_pages, help_pages)
ROUTERS = tuple(each.router for each in _PAGES)
