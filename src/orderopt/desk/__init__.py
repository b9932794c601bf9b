"""The order desk: the one door through which people and programs work with orders."""

from orderopt.desk.desk import OrderDesk

__all__ = ["OrderDesk"]
