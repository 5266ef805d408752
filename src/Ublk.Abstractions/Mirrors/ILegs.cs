namespace Ublk;

/// <summary>What a dirty log needs of the legs.</summary>
public interface ILegs
{
    /// <summary>[W] Makes every write to every leg that has completed durable: before a region may be called clean.</summary>
    IoTask<Errno> Flush();
}
