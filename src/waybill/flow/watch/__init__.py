"""Reads sources as they are written: ``tree`` looks what is there, ``positions`` remembers how far each file was read,
``reader`` reads what is new, ``watcher`` goes round. Nothing is lost and nothing doubled, whenever it is stopped."""

from waybill.flow.watch.watcher import Round, Watcher

__all__ = ["Round", "Watcher"]
