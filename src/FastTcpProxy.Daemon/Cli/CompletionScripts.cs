namespace FastTcpProxy.Daemon.Cli;

/// <summary>
/// Scripts by which shells complete the program's command lines: each asks the program itself, with the text before the cursor. The answer
/// may contain names that a proxy sent, so no script lets its shell expand them. Constants.
/// </summary>
internal static class CompletionScripts
{
    /// <summary>
    /// bash takes ":" for a border of words (COMP_WORDBREAKS), and replaces only what follows the last one. compgen -W would expand
    /// "$(...)" in a name.
    /// </summary>
    public const string Bash =
        """
        # Completion of fasttcpproxy for bash. In ~/.bashrc: source <(fasttcpproxy completion bash)
        _fasttcpproxy() {
            local typed=${COMP_LINE:0:COMP_POINT} program=${1/#\~/$HOME} before= candidate
            local line="fasttcpproxy${typed#"${COMP_WORDS[0]}"}" word=${typed##*[[:space:]]} options=()
            COMPREPLY=()
            case $3 in
                --config | -c | --socket | -s | --file | --output) compopt -o default 2>/dev/null; return ;;
            esac
            case $line in
                *[[:space:]]config[[:space:]]*diff[[:space:]]*) [[ $word == -* ]] || { compopt -o default 2>/dev/null; return; } ;;
            esac
            [[ $word == *:* && $COMP_WORDBREAKS == *:* ]] && before=${word%"${word##*:}"}
            while IFS= read -r candidate; do
                [[ -n $candidate && $candidate == "$word"* ]] || continue
                printf -v candidate %q "${candidate#"$before"}"
                if [[ $candidate == -* ]]; then options+=("$candidate"); else COMPREPLY+=("$candidate"); fi
            done < <("$program" "[suggest:${#line}]" "$line" 2>/dev/null)
            [[ ${#COMPREPLY[@]} -eq 0 ]] && COMPREPLY=("${options[@]}")
        }
        complete -F _fasttcpproxy fasttcpproxy
        """;

    public const string Zsh =
        """
        #compdef fasttcpproxy
        # Completion of fasttcpproxy for zsh. In ~/.zshrc, after compinit: source <(fasttcpproxy completion zsh)
        _fasttcpproxy() {
            local line="fasttcpproxy ${(j: :)words[2,CURRENT-1]} $PREFIX"
            local -a found names options
            case $words[CURRENT-1] in
                --config|-c|--socket|-s|--file|--output) _files; return ;;
                diff) [[ $words[CURRENT-2] == config ]] && { _files; return } ;;
            esac
            found=("${(@f)$("${~words[1]}" "[suggest:${#line}]" "$line" 2>/dev/null)}")
            names=("${(@)found:#-*}")
            options=("${(@M)found:#-*}")
            names=("${(@)names:#}")
            if [[ $PREFIX == -* || ${#names} -eq 0 ]]; then compadd -- "${(@)options}"; else compadd -- "${(@)names}"; fi
        }
        if [[ $funcstack[1] == _fasttcpproxy ]]; then _fasttcpproxy "$@"; else compdef _fasttcpproxy fasttcpproxy; fi
        """;

    public const string Fish =
        """
        # Completion of fasttcpproxy for fish. Once: fasttcpproxy completion fish > ~/.config/fish/completions/fasttcpproxy.fish
        function __fasttcpproxy_complete
            set -l words (commandline --tokenize --cut-at-cursor --current-process)
            set -l word (commandline --cut-at-cursor --current-token)
            set -l program $words[1]
            set --erase words[1]
            set -l line (string join ' ' -- fasttcpproxy $words "$word")
            set -l length (string length -- $line)
            set -l found (command $program "[suggest:$length]" $line 2>/dev/null)
            set -l names (string match --invert -- '-*' $found)
            if string match --quiet -- '-*' $word; or test (count $names) -eq 0
                printf '%s\n' $found
            else
                printf '%s\n' $names
            end
        end
        function __fasttcpproxy_wants_file
            set -l words (commandline --tokenize --cut-at-cursor --current-process)
            contains -- "$words[-1]" --config -c --socket -s --file --output; or string match --quiet -- '* config diff' (string join ' ' -- $words)
        end
        complete --command fasttcpproxy --no-files --condition 'not __fasttcpproxy_wants_file' --arguments '(__fasttcpproxy_complete)'
        complete --command fasttcpproxy --force-files --condition __fasttcpproxy_wants_file
        """;
}
