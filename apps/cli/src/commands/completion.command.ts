import type { Command } from 'commander';
import { Argument } from 'commander';
import type { CommandContext } from '../run-cli.js';
import { completeWords } from './complete-words.js';

const SHELLS = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof SHELLS)[number];

/** What the shell asks is answered by the hidden command `__complete WORD…`, one candidate per line. */
const SCRIPTS: Readonly<Record<Shell, string>> = {
  bash: `_flotilla() {
  local cur="\${COMP_WORDS[COMP_CWORD]}"
  local IFS=$'\\n'
  COMPREPLY=($(compgen -W "$(flotilla __complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)" -- "$cur"))
}
complete -F _flotilla flotilla`,
  zsh: `#compdef flotilla
_flotilla() {
  local -a found
  found=("\${(@f)$(flotilla __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  compadd -a found
}
compdef _flotilla flotilla`,
  fish: `complete -c flotilla -f -a '(flotilla __complete -- (commandline -opc)[2..-1] (commandline -ct) 2>/dev/null)'`,
};

/** `flotilla completion SHELL`, and what its scripts call. */
export function addCompletionCommand(program: Command, { session }: CommandContext): void {
  program
    .command('completion')
    .description('Print a script that completes commands and names: source <(flotilla completion bash)')
    .addArgument(new Argument('<shell>', 'which shell').choices(SHELLS))
    .action((shell: Shell) => session().out(SCRIPTS[shell]));
  program
    .command('__complete [words...]', { hidden: true })
    .allowUnknownOption()
    .action(async (words: string[]) => {
      const found = await completeWords(program, words, session());
      for (const candidate of found) session().out(candidate);
    });
}
