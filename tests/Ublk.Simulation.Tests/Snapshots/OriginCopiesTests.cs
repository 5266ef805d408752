using Ublk.Engine;
using Ublk.Targets.Snapshot;
using Xunit;

namespace Ublk.Simulation.Tests;

/// <summary>How often the chunks of a write to an origin are looked at.</summary>
public class OriginCopiesTests
{
    /// <summary>
    /// However many copies it takes: a few times each, not once more for every 64 of them.
    /// </summary>
    [Fact]
    public void Each_chunk_of_a_large_write_is_looked_at_a_few_times_however_many_snapshots_there_are() => SeedRunner.Run("large write", 5, simulation => simulation.Run(async () =>
    {
        const int SectorCount = 256, SnapshotCount = 20;
        byte[] image = Stamp.Image(SectorCount, 41);
        simulation.Disks.Add("origin", SectorCount).SetContent(0, image);
        var snapshots = new SnapshotTargetType();
        var origins = new WatchedOriginType(snapshots);
        SimHost host = simulation.Boot(1, snapshots, origins);
        MappedDevice users = await host.StartAsync("users", $"0 {SectorCount} watched-origin origin");
        var taken = new List<MappedDevice>();
        for (int i = 0; i < SnapshotCount; i++)
        {
            simulation.Disks.Add($"cow{i}", 1024);
            taken.Add(await host.StartAsync($"s{i}", $"0 {SectorCount} snapshot origin cow{i} P 1"));
        }

        Task<Errno>[] writes =
        [
            users.Stack.WriteAsync(0, Stamp.Image(SectorCount, 42), BlockFlags.None).AsTask(),
            users.Stack.WriteAsync(0, Stamp.Image(SectorCount, 42), BlockFlags.None).AsTask(),
        ];
        foreach (Task<Errno> write in writes)
            Assert.Equal(Errno.None, await write);

        long lookedAt = origins.Copies!.LookedAt, chunks = SectorCount * SnapshotCount * writes.Length;
        Assert.True(lookedAt <= 8 * chunks, $"{lookedAt} looks at {chunks} chunks");
        foreach (MappedDevice snapshot in taken)
            Assert.Equal(image, (await SimHost.ReadAllAsync(snapshot)).Content);
        await host.ShutDownAsync();
    }));

    /// <summary>snapshot-origin, whose copies the test has at hand.</summary>
    sealed class WatchedOriginType(SnapshotTargetType snapshots) : TargetType
    {
        public override string Name => "watched-origin";

        public override Version Version { get; } = new(1, 0, 0);

        public override string Syntax => "<origin>";

        public OriginCopies? Copies { get; private set; }

        public override async ValueTask<Target> ConstructAsync(TableLine line, ITargetServices services, CancellationToken ct) =>
            new WatchedTarget(this, snapshots, await line.DeviceAsync("origin", Claim.Shared, ct));

        sealed class WatchedTarget(WatchedOriginType type, SnapshotTargetType snapshots, BackingDevice origin) : Target
        {
            public override ulong SectorCount => origin.SectorCount;

            public override BlockOps Ops => BlockOps.Read | BlockOps.Write;

            public override string Table => $"{origin}";

            public override object Home => origin;

            public override TargetShard Open(TargetIo io) =>
                new WatchedShard(io, origin, type.Copies = new(io, snapshots.SnapshotsOf(origin), StoreFaults.None));
        }

        sealed class WatchedShard(TargetIo io, BackingDevice origin, OriginCopies copies) : TargetShard
        {
            public override MapResult Map(BlockRequest request) =>
                request.Op == BlockOp.Write ? Write(request) : request.Remap(origin, request.Sector);

            async IoTask<Errno> Write(BlockRequest request)
            {
                while (await copies.Advance(request.Sector, request.SectorCount) != CopyStep.Done)
                {
                }
                return await io.Forward(request, origin, request.Sector);
            }
        }
    }
}
