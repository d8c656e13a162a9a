"""/places: places by how their name begins, for whoever is about to say where they are."""

from common.api import Api
from common.models import Page
from matching.places import Few, Place, Places, Typed

api = Api(switch="matching")


@api.get("/places", public=True)
def find_places(q: Typed, places: Places, limit: Few = 10) -> Page[Place]:
    return places.search(q, limit)


handler = api.handler
