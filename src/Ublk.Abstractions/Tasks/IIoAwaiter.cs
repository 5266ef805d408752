using System.Runtime.CompilerServices;

namespace Ublk;

/// <summary>What may be awaited in an <c>async IoTask</c> method. Awaiting anything else, a <see cref="System.Threading.Tasks.Task"/> say, does not compile.</summary>
public interface IIoAwaiter : ICriticalNotifyCompletion
{
    /// <summary>Appends a step to the wait list of what is awaited.</summary>
    void Park(IoStep step);
}
