using FastTcpProxy.Daemon.Texts;

namespace FastTcpProxy.Daemon.Cli;

/// <summary>
/// Scripts by which shells complete the program's command lines: each asks the program itself, with the text before the cursor. The answer
/// may contain names that a proxy sent, so no script lets its shell expand them. Asked is the program that the line names, by its name, its
/// path or an alias; where no program is found by that, the one that printed the script. Constants.
/// </summary>
internal static class CompletionScripts
{
    /// <summary>Stands for the path of the program that prints the script.</summary>
    private const string Program = "@PROGRAM@";

    /// <summary>
    /// bash takes ":", "=" and others for borders of words (COMP_WORDBREAKS), and replaces only what follows the last one. compgen -W
    /// would expand "$(...)" in a name. By itself bash looks through an alias only where no default completion exists, and bash-completion
    /// is one: so the aliases of the program get the completion by their own names.
    /// </summary>
    private const string BashText =
        """
        # Completion of fasttcpproxy for bash. In ~/.bashrc, after aliases of it: source <(fasttcpproxy completion bash)
        _fasttcpproxy() {
            local typed=${COMP_LINE:0:COMP_POINT} program=${1/#\~/$HOME} before= option=$3 candidate i
            local rest=${typed#"${COMP_WORDS[0]}"} word=${typed##*[[:space:]]} options=() words=()
            COMPREPLY=()
            if [[ -n ${BASH_ALIASES[${COMP_WORDS[0]}]-} ]]; then
                read -ra words <<< "${BASH_ALIASES[${COMP_WORDS[0]}]//[\"\']/}"
                for i in "${!words[@]}"; do
                    [[ ${words[i]##*/} == fasttcpproxy ]] || continue
                    program=${words[i]/#\~/$HOME} rest=" ${words[*]:i+1}$rest"
                    break
                done
            fi
            local line="fasttcpproxy$rest"
            type -P "$program" >/dev/null || program=@PROGRAM@
            [[ $word == --*=* ]] && option=${word%%=*}
            case $option in
                --config | -c | --socket | -s | --token-file | --ca-file | --file | --output) compopt -o default 2>/dev/null; return ;;
            esac
            case $line in
                *[[:space:]]config[[:space:]]*diff[[:space:]]*) [[ $word == -* ]] || { compopt -o default 2>/dev/null; return; } ;;
            esac
            before=${word%"${word##*["$COMP_WORDBREAKS"]}"}
            while IFS= read -r candidate; do
                [[ -n $candidate && $candidate == "$word"* ]] || continue
                printf -v candidate %q "${candidate#"$before"}"
                if [[ $candidate == -* ]]; then options+=("$candidate"); else COMPREPLY+=("$candidate"); fi
            done < <("$program" "[suggest:${#line}]" "$line" 2>/dev/null)
            [[ ${#COMPREPLY[@]} -eq 0 ]] && COMPREPLY=("${options[@]}")
        }
        _fasttcpproxy_names() {
            local name
            complete -F _fasttcpproxy fasttcpproxy
            for name in "${!BASH_ALIASES[@]}"; do
                if [[ " ${BASH_ALIASES[$name]//[\"\']/} " == *[/\ ]fasttcpproxy\ * ]]; then complete -F _fasttcpproxy -- "$name"; fi
            done
        }
        _fasttcpproxy_names
        unset -f _fasttcpproxy_names
        """;

    /// <summary>zsh looks through aliases by itself, unless its option COMPLETE_ALIASES is set.</summary>
    private const string ZshText =
        """
        #compdef fasttcpproxy
        # Completion of fasttcpproxy for zsh. In ~/.zshrc, after compinit and aliases of it: source <(fasttcpproxy completion zsh)
        _fasttcpproxy() {
            local -a typed=("${(@)words[1,CURRENT-1]}") found names options
            [[ -n ${aliases[$typed[1]]-} ]] && typed=("${(@Q)${(z)aliases[$typed[1]]}}" "${(@)typed[2,-1]}")
            local -i at=${typed[(i)(*/|)fasttcpproxy]}
            (( at > $#typed )) && at=1
            local program=${~typed[at]} line="fasttcpproxy ${(j: :)typed[at+1,-1]} $PREFIX"
            whence -p -- "$program" >/dev/null || program=@PROGRAM@
            local option=$words[CURRENT-1]
            [[ $PREFIX == --*=* ]] && option=${PREFIX%%=*}
            case $option in
                --config|-c|--socket|-s|--token-file|--ca-file|--file|--output) compset -P '--*='; _files; return ;;
                diff) [[ $words[CURRENT-2] == config ]] && { _files; return } ;;
            esac
            found=("${(@f)$("$program" "[suggest:${#line}]" "$line" 2>/dev/null)}")
            names=("${(@)found:#-*}")
            options=("${(@M)found:#-*}")
            names=("${(@)names:#}")
            if [[ $PREFIX == -* || ${#names} -eq 0 ]]; then compadd -- "${(@)options}"; else compadd -- "${(@)names}"; fi
        }
        if [[ $funcstack[1] == _fasttcpproxy ]]; then
            _fasttcpproxy "$@"
        else
            compdef _fasttcpproxy fasttcpproxy ${(k)aliases[(R)(*[/ ]|)fasttcpproxy( *|)]}
        fi
        """;

    private const string FishText =
        """
        # Completion of fasttcpproxy for fish. Once: fasttcpproxy completion fish > ~/.config/fish/completions/fasttcpproxy.fish
        function __fasttcpproxy_complete
            set -l words (commandline --tokenize --cut-at-cursor --current-process)
            set -l word (commandline --cut-at-cursor --current-token)
            set -l program $words[1]
            set --erase words[1]
            command --query -- $program; or set program @PROGRAM@
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
            set -l option $words[-1]
            set -l word (commandline --cut-at-cursor --current-token)
            string match --quiet -- '--*=*' "$word"; and set option (string replace --regex -- '=.*' '' "$word")
            contains -- "$option" --config -c --socket -s --token-file --ca-file --file --output; or string match --quiet -- '* config diff' (string join ' ' -- $words)
        end
        complete --command fasttcpproxy --no-files --condition 'not __fasttcpproxy_wants_file' --arguments '(__fasttcpproxy_complete)'
        complete --command fasttcpproxy --force-files --condition __fasttcpproxy_wants_file
        """;

    public static string Bash { get; } = For(BashText);

    public static string Zsh { get; } = For(ZshText);

    public static string Fish { get; } = For(FishText);

    private static string For(string script) => script.Replace(Program, ProgramFile.Quote(ProgramFile.FullPath), StringComparison.Ordinal);
}
