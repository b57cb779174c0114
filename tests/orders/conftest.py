"""An order of the community, and what its desk and its members do with it."""

import datetime as dt
import secrets

import pytest


@pytest.fixture
def ask(city, clock):
    """`order, token = ask()`: a resident without an account asks for something; keywords as for the deed."""
    from gongjian.desks.orders import actions
    from gongjian.ground.kernel.actor import ANONYMOUS

    def make(text="三号楼门口的路灯坏了，晚上很黑，老人不敢下楼", **more):
        given = {
            "kind": "repair", "org": city.community, "by": ANONYMOUS, "key": secrets.token_hex(16), "name": "蒋大妈",
            "phone": "13912345678", "where": "三号楼一单元门口",
        } | more  # fmt: skip
        return actions.raise_order(text=text, **given)

    return make


@pytest.fixture
def again():
    """Read an order anew, as the next request would."""
    from gongjian.desks.orders.models import Order
    from gongjian.desks.orders.queries import WITH

    return lambda order: Order.objects.select_related(*WITH).get(pk=order.pk)


@pytest.fixture
def picture():
    """A small JPEG with a place and a camera in its EXIF."""
    import io

    from PIL import Image

    exif = Image.Exif()
    exif[271] = "密谈相机"
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(out, "JPEG", exif=exif)
    return out.getvalue()


DAY = dt.timedelta(days=1)
