namespace Ublk.Engine;

/// <summary>Which worker each home lives on, as long as a table holds it. [C] any thread.</summary>
sealed class Homes
{
    readonly Dictionary<object, (Worker Worker, int Holders)> _homes = [];

    /// <summary>
    /// The home's worker: the one it is on already, else the preferred one, which is asked for only
    /// then.
    /// </summary>
    public Worker Hold(object home, Func<Worker> prefer)
    {
        lock (_homes)
        {
            (Worker worker, int holders) = _homes.TryGetValue(home, out (Worker, int) known) ? known : (prefer(), 0);
            _homes[home] = (worker, holders + 1);
            return worker;
        }
    }

    /// <summary>How many live on a worker.</summary>
    public int CountOn(Worker worker)
    {
        lock (_homes)
            return _homes.Values.Count(home => home.Worker == worker);
    }

    public void LetGo(object home)
    {
        lock (_homes)
        {
            (Worker worker, int holders) = _homes[home];
            if (holders == 1)
                _homes.Remove(home);
            else
                _homes[home] = (worker, holders - 1);
        }
    }
}
