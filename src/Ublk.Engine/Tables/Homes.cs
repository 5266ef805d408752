namespace Ublk.Engine;

/// <summary>Which worker each home lives on, as long as a table holds it. [C] any thread.</summary>
sealed class Homes
{
    readonly Dictionary<object, (Worker Worker, int Holders)> _homes = [];

    /// <summary>The home's worker: the one it is on already, else the preferred one.</summary>
    public Worker Hold(object home, Worker preferred)
    {
        lock (_homes)
        {
            (Worker worker, int holders) = _homes.GetValueOrDefault(home, (preferred, 0));
            _homes[home] = (worker, holders + 1);
            return worker;
        }
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
