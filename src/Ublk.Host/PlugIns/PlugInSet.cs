using Ublk.Control;

namespace Ublk.Host.PlugIns;

/// <summary>What a folder of plug-ins gave.</summary>
sealed record PlugInSet(IReadOnlyList<PlugIn> Loaded, IReadOnlyList<RefusedPlugIn> Refused);
