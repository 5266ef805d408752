namespace Ublk.Interop;

/// <summary>UBLK_S_DEV_* (linux/ublk_cmd.h).</summary>
public enum UblkDevState : ushort
{
    DEAD = 0,
    LIVE = 1,
    QUIESCED = 2,

    /// <summary>6.13.</summary>
    FAIL_IO = 3,
}
