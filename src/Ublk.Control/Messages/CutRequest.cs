using System.Text.Json.Serialization;

namespace Ublk.Control;

/// <summary>
/// <c>POST /v1/cuts</c>: snapshots of several origins at one instant. If a step fails, nothing is left of them. With <paramref name="Hold"/>
/// the origins stay held until <c>POST /v1/cuts/ID/release</c>, which keeps the set, or <c>DELETE /v1/cuts/ID</c>, which gives it up.
/// </summary>
/// <param name="Snapshots">The snapshots; each store must be new or empty.</param>
/// <param name="Freeze">Freeze the file systems on the origins first, so that what they have in memory is in the snapshots.</param>
/// <param name="FreezeCgroup">A cgroup of version 2 (its folder) whose processes stand still meanwhile, before the file systems.</param>
/// <param name="LimitMs">After so many milliseconds from the first freeze on all is given up and undone; null: 10000.</param>
/// <param name="Hold">Do not release before the caller says so.</param>
/// <param name="FreezeBestEffort">With <paramref name="Freeze"/>: leave out what cannot be frozen, instead of refusing.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record CutRequest(
    IReadOnlyList<CutSnapshot> Snapshots, bool Freeze = false, string? FreezeCgroup = null, int? LimitMs = null, bool Hold = false,
    bool FreezeBestEffort = false);
