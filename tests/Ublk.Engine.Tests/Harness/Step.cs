namespace Ublk.Engine.Tests;

/// <summary>A step that runs a test's code.</summary>
sealed class Step(Action run) : IoStep
{
    protected internal override void Run() => run();
}
