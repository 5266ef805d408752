namespace Ublk;

/// <summary>What a request asks for. Values are ours, not the driver's.</summary>
public enum BlockOp : byte
{
    /// <summary>Fill <see cref="BlockRequest.Data"/> from the device.</summary>
    Read,

    /// <summary>Store <see cref="BlockRequest.Data"/>.</summary>
    Write,

    /// <summary>Make every write that completed before this request was issued durable. No sectors, no data.</summary>
    Flush,

    /// <summary>The sectors' content is no longer needed; reads may return anything afterwards.</summary>
    Discard,

    /// <summary>The sectors must read as zero. With <see cref="BlockFlags.NoUnmap"/> they must stay allocated.</summary>
    WriteZeroes,
}
