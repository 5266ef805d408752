using System.Runtime.Versioning;
using Xunit;

[assembly: SupportedOSPlatform("linux")]

// Descriptors, locks and allocations are counted for the whole process, and every rig has threads of its own.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
