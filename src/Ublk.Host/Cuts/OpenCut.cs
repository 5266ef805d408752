using Ublk.Engine;

namespace Ublk.Host.Cuts;

/// <summary>A cut with what stands still for it. The order is group, file systems, origins, and back.</summary>
sealed class OpenCut(Cut cut, CutPlan plan) : IAsyncDisposable
{
    readonly Stack<IAsyncDisposable> _frozen = [];

    public string Id { get; } = Guid.NewGuid().ToString();

    public Cut Cut => cut;

    public CutPlan Plan => plan;

    public IReadOnlyList<string> FileSystems { get; set; } = [];

    /// <summary>What should have been frozen and was left out; null when nothing was.</summary>
    public IReadOnlyList<string>? NotFrozen { get; set; }

    public string? Cgroup { get; set; }

    public void Add(IAsyncDisposable frozen) => _frozen.Push(frozen);

    /// <summary>Everything goes on.</summary>
    public async Task ReleaseAsync()
    {
        await cut.ReleaseAsync();
        while (_frozen.TryPop(out var frozen)) await frozen.DisposeAsync();
    }

    /// <summary>Everything goes on; the snapshots are gone unless the cut is kept.</summary>
    public async ValueTask DisposeAsync()
    {
        await ReleaseAsync();
        await cut.DisposeAsync();
    }
}
