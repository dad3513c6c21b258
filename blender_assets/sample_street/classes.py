"""The classes of the sample street: the 19 of Cityscapes by their train ids, without trains.

Trains are left out because trams need rails, wires and stops of their own. What Cityscapes leaves without a class
(bins, boxes, bollards) stands here too, as VOID.
"""

from enum import IntEnum


class StreetClass(IntEnum):
    ROAD = 0
    SIDEWALK = 1
    BUILDING = 2
    WALL = 3
    FENCE = 4
    POLE = 5
    TRAFFIC_LIGHT = 6
    TRAFFIC_SIGN = 7
    VEGETATION = 8
    TERRAIN = 9
    SKY = 10
    PERSON = 11
    RIDER = 12
    CAR = 13
    TRUCK = 14
    BUS = 15
    MOTORCYCLE = 17
    BICYCLE = 18
    VOID = 255


# Classes whose members are counted: each member has a number of its own in the instance maps.
THINGS = frozenset(
    {
        StreetClass.PERSON,
        StreetClass.RIDER,
        StreetClass.CAR,
        StreetClass.TRUCK,
        StreetClass.BUS,
        StreetClass.MOTORCYCLE,
        StreetClass.BICYCLE,
    }
)
