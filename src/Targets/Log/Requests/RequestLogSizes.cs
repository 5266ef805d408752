namespace Ublk.Targets.Log;

/// <summary>How many records are kept where; 48 bytes each. Powers of two, except the last.</summary>
/// <param name="Ring">Of one worker, until the drain takes them: 20 ms at 400,000 requests a second.</param>
/// <param name="Queue">Of one reader.</param>
/// <param name="Window">While an earlier one is waited for.</param>
/// <param name="History">For a reader that does not follow.</param>
sealed record RequestLogSizes(int Ring = 8192, int Queue = 16384, int Window = 16384, int History = 4096);
