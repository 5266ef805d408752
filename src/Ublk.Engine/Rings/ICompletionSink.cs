namespace Ublk.Engine;

/// <summary>Takes the completions of commands it put on a <see cref="UringRing"/> itself. [W]</summary>
interface ICompletionSink
{
    void OnCompletion(ushort tag, int result);
}
