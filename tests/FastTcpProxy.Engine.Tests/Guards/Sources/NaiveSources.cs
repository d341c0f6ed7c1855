using FastTcpProxy.Engine.Guards.Sources;

namespace FastTcpProxy.Engine.Tests.Guards.Sources;

/// <summary>What the table promises, said as plainly as can be: a dictionary without a bound, lists of times, one thread.</summary>
internal sealed class NaiveSources
{
    private readonly Dictionary<SourceKey, Source> _sources = [];

    public Source this[SourceKey key] => _sources.TryGetValue(key, out Source? source) ? source : _sources[key] = new Source();

    public IEnumerable<KeyValuePair<SourceKey, Source>> All => _sources;

    /// <summary>The verdict, whose limit it is, and where the session is counted.</summary>
    public (SourceVerdict Verdict, int PrefixLength, List<SourceKey> Counted) Admit(SourceKey key, in SourceLimits limits, long nowUs)
    {
        List<SourceKey> counted = [];
        SourceKey at = key;
        while (true)
        {
            bool isOffender = this[at].IsOffender(nowUs, limits.Ban);
            SourceVerdict verdict = this[at].Judge(limits, nowUs);
            if (verdict != SourceVerdict.Admitted)
            {
                foreach (SourceKey earlier in counted) this[earlier].Undo(limits);
                if (verdict != SourceVerdict.Banned) this[at].Refuse(limits.Ban, nowUs);
                if (at != key) this[key].Refuse(limits.Ban, nowUs);
                return (verdict, at.PrefixLength, []);
            }
            this[at].Enter(limits, nowUs);
            counted.Add(at);
            if (!isOffender || !at.TryGetParent(out at)) return (verdict, key.PrefixLength, counted);
        }
    }

    internal sealed class Source
    {
        private readonly List<long> _refusalsMs = [];
        private double _credit;
        private long _filledAtUs;
        private bool _isNew = true;

        public int Sessions { get; set; }

        public long BannedUntilMs { get; set; }

        /// <summary>The level of a ban from now on, and since when it is forgotten.</summary>
        public int Level { get; private set; }

        private long _quietSinceMs;

        public SourceVerdict Judge(in SourceLimits limits, long nowUs)
        {
            if (nowUs / 1_000 < BannedUntilMs) return SourceVerdict.Banned;
            if (limits.SessionsMax > 0 && Sessions >= limits.SessionsMax) return SourceVerdict.Sessions;
            return Tokens(limits.Connections, nowUs) >= 1 ? SourceVerdict.Admitted : SourceVerdict.Rate;
        }

        public int Tokens(TokenRate rate, long nowUs)
        {
            if (!rate.IsLimited) return int.MaxValue;
            double full = (double)rate.Burst * rate.IntervalNs;
            _credit = _isNew ? full : Math.Min(full, _credit + (nowUs - _filledAtUs) * 1_000.0);
            (_isNew, _filledAtUs) = (false, nowUs);
            return (int)(_credit / rate.IntervalNs);
        }

        public void Enter(in SourceLimits limits, long nowUs)
        {
            Tokens(limits.Connections, nowUs);
            _credit -= limits.Connections.IntervalNs;
            Sessions++;
        }

        public void Undo(in SourceLimits limits)
        {
            _credit += limits.Connections.IntervalNs;
            Sessions--;
        }

        public int Refusals(long nowUs, in BanTerms terms) =>
            _refusalsMs.Count > 0 && nowUs / 1_000 - _refusalsMs[0] <= terms.WithinMs ? _refusalsMs.Count : 0;

        public bool IsOffender(long nowUs, in BanTerms terms)
        {
            Forget(nowUs / 1_000, terms);
            return nowUs / 1_000 < BannedUntilMs || Level > 0 || Refusals(nowUs, terms) > 0;
        }

        public void Refuse(in BanTerms terms, long nowUs)
        {
            long nowMs = nowUs / 1_000;
            if (nowMs < BannedUntilMs) return;
            if (Refusals(nowUs, terms) == 0)
            {
                Forget(nowMs, terms);
                _refusalsMs.Clear();
                _quietSinceMs = nowMs;
            }
            _refusalsMs.Add(nowMs);
            if (_refusalsMs.Count < terms.After) return;
            _refusalsMs.Clear();
            BannedUntilMs = nowMs + terms.LengthMs(Level);
            Level++;
            _quietSinceMs = BannedUntilMs;
        }

        /// <summary>What is forgotten is forgotten for good; a window that is open has its level from its begin on.</summary>
        private void Forget(long nowMs, in BanTerms terms)
        {
            while (Level > 0 && nowMs - _quietSinceMs >= terms.LengthMs(Level - 1) && Refusals(nowMs * 1_000, terms) == 0)
                _quietSinceMs += terms.LengthMs(--Level);
        }
    }
}
