namespace Ublk.Interop;

/// <summary>UBLK_IO_OP_*: bits 0-7 of <see cref="UblksrvIoDesc.OpFlags"/> (linux/ublk_cmd.h).</summary>
public enum UblkOp : byte
{
    READ = 0,
    WRITE = 1,
    FLUSH = 2,
    DISCARD = 3,
    WRITE_SAME = 4,
    WRITE_ZEROES = 5,
    ZONE_OPEN = 10,
    ZONE_CLOSE = 11,
    ZONE_FINISH = 12,
    ZONE_APPEND = 13,
    ZONE_RESET_ALL = 14,
    ZONE_RESET = 15,
    REPORT_ZONES = 18,
}
