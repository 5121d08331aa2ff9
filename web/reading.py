"""The pages that only read: caseload, orders, people, court diary, reports and help."""

from fastapi import APIRouter

from web import caseload_pages, diary_pages, help_pages, order_pages, people_pages, report_pages

router = APIRouter(include_in_schema=False)
for each in (caseload_pages, order_pages, people_pages, diary_pages, report_pages, help_pages):
    router.include_router(each.router)
