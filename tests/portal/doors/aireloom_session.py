"""A session of AIREloom, unchanged but for its base address, with a portal: prints what it was given as JSON.

python aireloom_session.py BASE_ADDRESS PRODUCT_ID DOI
"""

import asyncio
import json
import sys

from aireloom import AireloomSession
from aireloom.endpoints import LinksFilters, OrganizationsFilters, ProjectsFilters, ResearchProductsFilters


async def main(base: str, product_id: str, doi: str) -> dict[str, object]:
    told: dict[str, object] = {}
    async with AireloomSession(api_base_url=base) as session:
        products = session.research_products
        told["walked"] = [one.id async for one in products.iterate(page_size=50)]
        one = await products.get(product_id)
        told["product"] = [one.id, one.title, one.indicators.citationImpact.citationCount, len(one.instances)]
        page = await products.search(
            filters=ResearchProductsFilters(search="peer support", type="publication"),
            sort_by="popularity DESC",
            page=1,
            page_size=5,
        )
        told["search"] = [page.header.numFound, [one.id for one in page.results or []]]
        told["links"] = [one.target.title async for one in products.iterate_links(filters=LinksFilters(sourcePid=doi))]
        by_doi = await products.search(filters=ResearchProductsFilters(pid=doi))
        told["doi"] = [one.id for one in by_doi.results or []]
        told["open"] = await products.count(filters=ResearchProductsFilters(accessRightLabel="Open Access"))
        greek = await session.organizations.search(filters=OrganizationsFilters(countryCode="GR"))
        told["organizations"] = [one.legalName for one in greek.results or []]
        funded = await session.projects.search(filters=ProjectsFilters(fundingShortName="SC"))
        told["projects"] = [one.acronym for one in funded.results or []]
        told["data_sources"] = [one.officialName async for one in session.data_sources.iterate()]
    return told


print(json.dumps(asyncio.run(main(*sys.argv[1:]))))
