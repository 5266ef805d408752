namespace Ublk.Engine.Tests;

/// <summary>A target whose behaviour a test writes down, and which counts what the engine asks of it.</summary>
sealed class ScriptedTarget(ulong sectorCount) : Target
{
    int _starts, _quiesces, _stops, _disposals;

    public override ulong SectorCount => sectorCount;

    public BlockOps Implemented { get; set; } = BlockOps.All;

    public object? State { get; set; }

    public string Arguments { get; set; } = "";

    public Func<TargetIo, BlockRequest, MapResult> OnMap { get; set; } = static (_, _) => Errno.None;

    public Action? OnOpen { get; set; }

    public Action<TargetIo>? OnStart { get; set; }

    public Func<TargetIo, bool, IoTask<Errno>>? OnQuiesce { get; set; }

    public Func<ValueTask>? OnPrepare { get; set; }

    /// <summary>Told of each step of a resume, with its name.</summary>
    public Action<string>? OnStep { get; set; }

    public Func<string[], string>? OnMessage { get; set; }

    public BlockLimits? Tightened { get; set; }

    public List<TargetIo> Ios { get; } = [];

    public int Starts => Volatile.Read(ref _starts);

    public int Quiesces => Volatile.Read(ref _quiesces);

    public int Stops => Volatile.Read(ref _stops);

    public int Disposals => Volatile.Read(ref _disposals);

    public override BlockOps Ops => Implemented;

    public override object? Home => State;

    public override string Table => Arguments;

    public override bool SeesData => true;

    public override TargetShard Open(TargetIo io)
    {
        OnOpen?.Invoke();
        Ios.Add(io);
        return new Shard(this, io);
    }

    public override void Limit(ref BlockLimits limits) => limits = Tightened ?? limits;

    public override ValueTask<string> InfoAsync(CancellationToken ct) => new($"info of {Arguments}");

    public override ValueTask<StatusField[]> DescribeAsync(CancellationToken ct) => new([new StatusField("starts", $"{Starts}", Starts)]);

    public override ValueTask<string> MessageAsync(string[] words, CancellationToken ct) =>
        OnMessage is { } answer ? new(answer(words)) : base.MessageAsync(words, ct);

    public override ValueTask PrepareAsync(CancellationToken ct)
    {
        OnStep?.Invoke("prepare");
        return OnPrepare?.Invoke() ?? default;
    }

    public override void Withdraw() => OnStep?.Invoke("withdraw");

    public override ValueTask TakeOverAsync()
    {
        OnStep?.Invoke("take over");
        return default;
    }

    public override ValueTask ReplacedAsync()
    {
        OnStep?.Invoke("replaced");
        return default;
    }

    public override ValueTask DisposeAsync()
    {
        Interlocked.Increment(ref _disposals);
        return base.DisposeAsync();
    }

    sealed class Shard(ScriptedTarget target, TargetIo io) : TargetShard
    {
        public override MapResult Map(BlockRequest request) => target.OnMap(io, request);

        public override void Start()
        {
            Interlocked.Increment(ref target._starts);
            target.OnStep?.Invoke("start");
            target.OnStart?.Invoke(io);
        }

        public override IoTask<Errno> Quiesce(bool noFlush)
        {
            Interlocked.Increment(ref target._quiesces);
            return target.OnQuiesce?.Invoke(io, noFlush) ?? Errno.None;
        }

        public override IoTask<Errno> Stop()
        {
            Interlocked.Increment(ref target._stops);
            return Errno.None;
        }
    }
}
