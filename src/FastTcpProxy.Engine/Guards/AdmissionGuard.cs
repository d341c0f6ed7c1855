namespace FastTcpProxy.Engine.Guards;

/// <summary>Decides on each accepted client before anything else is spent on it. Pure: a function of the counts and the limits.</summary>
internal static class AdmissionGuard
{
    /// <param name="processSessions">The sessions of the process, this one counted.</param>
    /// <param name="processMax">0: no limit.</param>
    /// <param name="serviceSessions">The sessions of the service, this one counted.</param>
    /// <param name="serviceMax">0: no limit.</param>
    public static GuardVerdict Decide(int processSessions, int processMax, int serviceSessions, int serviceMax)
    {
        if (processMax > 0 && processSessions > processMax) return GuardVerdict.ProcessFull;
        if (serviceMax > 0 && serviceSessions > serviceMax) return GuardVerdict.ServiceFull;
        return GuardVerdict.Allow;
    }
}
